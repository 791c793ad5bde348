import type { CodeEntry } from './code-ledger';
import { endsOf, REMOVED } from './kinds';
import { overLimits } from './over-limits';
import type { TimelineEntry } from './timeline';

/*
 * What proves a doubled end and a lost task, without false alarms?
 *
 * Not events: pub/sub loses them with every restart of Redis. Not the hash at the end: it tells of the last end only. Not
 * what the workers say: a worker whose reply was lost does not know what it did. The append-only file does: it holds every
 * write that took effect, once, in the one order that Redis gave them, and with `appendfsync always` everything that
 * anybody was told of. A script's writes stand there as plain commands.
 *
 * So an account is kept for each id. What asks for an end puts one on it: the hash of a `client.start`, a `restart`, a push
 * by hand. Each write of SUCCESS, ERROR, EXCEPTION or STOPPED takes one away.
 *   - doubled: an end is written and the account is empty. However the run came about, nobody wanted it.
 *   - lost: when all is over, the account is not empty. Somebody was promised an end, and there is none.
 * A task of a kind that is to be removed has its removal for an end, and after that nothing may be written of it.
 * A requeue asks for nothing: a run may legitimately repeat (at least once), its end may not. Nor does a request that Redis
 * never got. The starter of a task never asks for another end before it has seen the last: a push of an id that waits or
 * runs has no effect, and would count as lost.
 *
 * The code's own ledger, a file of each worker process, adds what Redis cannot know: that the code of the task really ran
 * to its end before an end was written. One that did not is an unearned end.
 */

export type BreachKind =
  | 'doubled end'
  | 'lost'
  | 'wrong end'
  | 'unearned end'
  | 'doubled key'
  | 'limit'
  | 'crash limit'
  | 'bulk'
  | 'late recovery'
  | 'places'
  | 'worker';

export interface Breach {
  readonly kind: BreachKind;
  /** Of the task; undefined where it is about none. */
  readonly id?: string;
  readonly message: string;
}

/** A worker that was killed, and when. */
export interface Kill {
  readonly pid: number;
  readonly atMs: number;
}

export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Evidence {
  /** Every id that somebody tried to start. */
  readonly ids: Iterable<string>;
  readonly timelines: ReadonlyMap<string, readonly TimelineEntry[]>;
  /** Those whose start was told that another task has their key. */
  readonly duplicates: ReadonlySet<string>;
  readonly code: ReadonlyMap<string, readonly CodeEntry[]>;
  readonly kills: readonly Kill[];
  /** While Redis did not answer, and workers may not have noticed that it does again. */
  readonly redisAway: readonly Period[];
  /** Waits for a worker that knows its name, and goes round among the others until it meets one: not lost. */
  readonly goingRound: ReadonlySet<string>;
  /** How long a killed worker's tasks may take to run again. */
  readonly longestRecoveryMs: number;
}

export interface Verdict {
  readonly breaches: readonly Breach[];
  readonly ended: number;
  readonly runs: number;
  readonly requeued: number;
  readonly reloaded: number;
  readonly longestRecoveryMs: number;
  /** The same of tasks that wait for their turn, or for a worker that knows them. */
  readonly longestTurnRecoveryMs: number;
}

/** Holds what happened to what may happen. */
export function judge(evidence: Evidence): Verdict {
  const { timelines, code, kills, redisAway, longestRecoveryMs } = evidence;
  const breaches: Breach[] = [];
  const counts = { ended: 0, begun: 0, requeued: 0, reloaded: 0, wanted: 0, deleted: 0 };
  let slowestMs = 0;
  let slowestTurnMs = 0;
  for (const id of evidence.ids) {
    const entries = timelines.get(id) ?? [];
    for (const { what } of entries) counts[what] += 1;
    breaches.push(...account(id, entries, evidence.goingRound.has(id)));
    breaches.push(...wrongEnds(id, entries), ...unearned(id, entries, code.get(id) ?? []));
    for (const recovery of recoveries(entries, kills, redisAway)) {
      if (WAITS_FOR_ITS_TURN.test(id)) {
        slowestTurnMs = Math.max(slowestTurnMs, recovery.ms);
        continue;
      }
      slowestMs = Math.max(slowestMs, recovery.ms);
      if (recovery.ms <= longestRecoveryMs) continue;
      const message = `${id} ran again ${recovery.ms} ms after worker process ${recovery.pid} was killed`;
      breaches.push({ kind: 'late recovery', id, message });
    }
  }
  breaches.push(...doubledKeys(evidence), ...overLimits(evidence.timelines));
  const { ended, begun: runs, requeued, reloaded } = counts;
  return {
    breaches,
    ended,
    runs,
    requeued,
    reloaded,
    longestRecoveryMs: slowestMs,
    longestTurnRecoveryMs: slowestTurnMs,
  };
}

/** They wait for a worker that knows their name, for their turn in one, or for their queue to be resumed: no bound is promised for that. */
const WAITS_FOR_ITS_TURN = /^(rare|bounded|limited|bulk-restarted)-/;

function account(id: string, entries: readonly TimelineEntry[], goesRound: boolean): Breach[] {
  const breaches: Breach[] = [];
  const isRemoved = REMOVED.test(id);
  let owed = 0;
  for (const entry of entries) {
    if (entry.what === 'wanted') owed += 1;
    if (entry.what === 'deleted' && isRemoved) owed = 0;
    if (entry.what !== 'ended') continue;
    if (owed === 0) breaches.push({ kind: 'doubled end', id, message: `${id} ended as ${entry.state} once too often` });
    else owed -= 1;
  }
  if (goesRound) return breaches;
  const last = entries.findLast(({ what }) => isRemoved || what !== 'deleted');
  if (owed > 0) breaches.push({ kind: 'lost', id, message: `${id} never ended: it is ${last?.what ?? 'nowhere'}` });
  else if (last && last.what !== (isRemoved ? 'deleted' : 'ended')) {
    breaches.push({ kind: 'lost', id, message: `${id} was ${last.what} after its end, and has no end again` });
  }
  return breaches;
}

function wrongEnds(id: string, entries: readonly TimelineEntry[]): Breach[] {
  const allowed = endsOf(id);
  return entries.flatMap((entry): Breach[] => {
    if (entry.what !== 'ended' || allowed.includes(entry.state)) return [];
    return [{ kind: 'wrong end', id, message: `${id} ended as ${entry.state}: ${entry.output}` }];
  });
}

/** Tasks of one key: no duplicate is ever written, and none is wanted before the last has ended. */
function doubledKeys({ ids, timelines, duplicates }: Evidence): Breach[] {
  const written = [...duplicates].filter((id) => timelines.has(id));
  const breaches = written.map((id): Breach => {
    return { kind: 'doubled key', id, message: `${id} was a duplicate, and was started all the same` };
  });
  const entries = [...ids]
    .filter((id) => id.startsWith('only-'))
    .flatMap((id) => (timelines.get(id) ?? []).map((entry) => ({ id, ...entry })))
    .filter(({ what }) => what === 'wanted' || what === 'ended')
    // Of the same millisecond the end comes first: only after it is the key free.
    .sort((one, other) => one.atMs - other.atMs || one.what.localeCompare(other.what));
  let holder: string | undefined;
  for (const { id, what } of entries) {
    if (what === 'wanted' && holder !== undefined) {
      breaches.push({ kind: 'doubled key', id, message: `${id} was started while ${holder} had the key` });
    }
    if (what === 'wanted') holder = id;
    else if (holder === id) holder = undefined;
  }
  return breaches;
}

/** What begins with these is ended without any code of the task, or by code that could not tell. */
const WITHOUT_CODE = /^(bad-input|poison|endless|overdue)-/;

function unearned(id: string, entries: readonly TimelineEntry[], code: readonly CodeEntry[]): Breach[] {
  if (WITHOUT_CODE.test(id)) return [];
  const done = code.filter(({ what }) => what === 'done').length;
  const ended = entries.filter((entry) => entry.what === 'ended' && entry.state !== 'STOPPED').length;
  if (ended <= done) return [];
  return [{ kind: 'unearned end', id, message: `${id} ended ${ended} times, its code ${done} times` }];
}

function recoveries(entries: readonly TimelineEntry[], kills: readonly Kill[], away: readonly Period[]) {
  return entries.flatMap((entry, position) => {
    if (entry.what !== 'begun' && entry.what !== 'reloaded') return [];
    const kill = kills.find(({ pid, atMs }) => entry.worker.includes(`-${pid}-`) && atMs >= entry.atMs);
    if (!kill) return [];
    const next = entries.slice(position + 1).find(({ what }) => what !== 'requeued' && what !== 'deleted');
    // None at all: it is lost, which the account tells.
    if (!next || next.atMs <= kill.atMs) return [];
    const lostMs = away.reduce((sum, period) => sum + overlapMs(period, { fromMs: kill.atMs, toMs: next.atMs }), 0);
    return [{ pid: kill.pid, ms: Math.max(0, next.atMs - kill.atMs - lostMs) }];
  });
}

function overlapMs(one: Period, other: Period): number {
  return Math.max(0, Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs));
}

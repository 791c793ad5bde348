import type { TaskKeys } from '../../src/task/keys';
import type { Command } from './append-only-file';
import { type EndedState, REMOVED } from './kinds';
import { readEntry, type TimelineEntry } from './timeline';

/** A list: what a bulk call asks for, and then the ids of its kind, pushed before each try and after the last. */
export const BULK_MARKS = 'chaos:bulk';

export interface BulkMark {
  readonly nth: number;
  readonly call: 'stopMany' | 'restartMany' | 'removeMany';
  /** Which tasks of its class the filter is for. */
  readonly wants: 'any' | 'open' | 'STOPPED';
  readonly step: 'begins' | 'done';
}

/** What the append-only file holds between the last try of a bulk call and its report. */
export interface BulkWindow extends Omit<BulkMark, 'step'> {
  /** Must be among those that matched: they did when it began, and until it did something to them itself. */
  readonly sure: readonly string[];
  /** Of these all whose state it had to change, and did not. */
  readonly missed: readonly string[];
  /** So many matched at some time. */
  readonly possible: number;
  /** So many times a task became what the call wants, or was gone, by its script or its worker. */
  readonly done: number;
  readonly gone: number;
  /** So many times a worker was asked. */
  readonly asked: number;
}

export interface BulkLedger {
  readonly windows: readonly BulkWindow[];
  /** Were deleted before anybody wanted it. */
  readonly early: readonly string[];
}

type State = 'gone' | 'open' | EndedState;

interface Account {
  state: State;
  /** A worker was asked, and has not obeyed yet. */
  pending: boolean;
  removable: boolean;
}

interface Opened {
  readonly mark: BulkMark;
  readonly ids: readonly string[];
  readonly matched: ReadonlySet<string>;
  readonly pending: ReadonlySet<string>;
  readonly changes: Map<string, (State | 'asked' | 'restarted')[]>;
}

/** What the call writes where it acts on a task at once. */
const DONE = { stopMany: 'STOPPED', restartMany: 'restarted', removeMany: 'gone' } as const;

/** Reads the calls in the order in which Redis wrote: so no clock is asked what came first. */
export function readBulkLedger(commands: Iterable<Command>, keys: TaskKeys): BulkLedger {
  const accounts = new Map<string, Account>();
  const early: string[] = [];
  const windows: BulkWindow[] = [];
  const opened = new Map<number, Opened>();
  const accountOf = (id: string) => {
    const account = accounts.get(id) ?? { state: 'gone', pending: false, removable: false };
    accounts.set(id, account);
    return account;
  };
  for (const command of commands) {
    const mark = markOf(command);
    if (mark) {
      const before = opened.get(mark.nth);
      opened.delete(mark.nth);
      const ids = command.slice(3).map((id) => [id, accountOf(id)] as const);
      if (mark.step === 'begins') opened.set(mark.nth, open(mark, ids));
      // Written twice where a reply was lost.
      else if (before) windows.push(close(before, (id) => accountOf(id).state));
      continue;
    }
    const found = readEntry(command, keys, 0);
    if (!found?.id.startsWith('bulk-')) continue;
    const { id, entry } = found;
    const change = entry ? changeOf(entry) : asks(command);
    if (change === undefined) continue;
    const account = accountOf(id);
    if (change === 'gone' && REMOVED.test(id) && !account.removable) early.push(id);
    account.pending = change === 'asked' || (account.pending && change === 'open');
    if (change !== 'asked') account.state = change === 'restarted' ? 'open' : change;
    for (const { changes } of opened.values()) changes.get(id)?.push(change);
  }
  return { windows, early };
}

function markOf([name, key, text = '']: Command): BulkMark | undefined {
  return name === 'RPUSH' && key === BULK_MARKS ? (JSON.parse(text) as BulkMark) : undefined;
}

/** Whether a worker is asked for something by this write of a hash. */
function asks([, , field]: Command): 'asked' | undefined {
  return field === 'control' ? 'asked' : undefined;
}

function changeOf(entry: TimelineEntry): State | 'restarted' {
  if (entry.what === 'ended') return entry.state;
  if (entry.what === 'deleted') return 'gone';
  return entry.what === 'wanted' && entry.by === 'restart' ? 'restarted' : 'open';
}

function open(mark: BulkMark, ids: readonly (readonly [string, Account])[]): Opened {
  for (const [, account] of ids) account.removable ||= mark.call === 'removeMany';
  return {
    mark,
    ids: ids.map(([id]) => id),
    matched: new Set(ids.flatMap(([id, { state }]) => (matches(mark, state) ? [id] : []))),
    pending: new Set(ids.flatMap(([id, { pending }]) => (pending ? [id] : []))),
    changes: new Map(ids.map(([id]) => [id, []])),
  };
}

function close({ mark, ids, matched, pending, changes }: Opened, stateOf: (id: string) => State): BulkWindow {
  const { nth, call, wants } = mark;
  const did = (id: string, what: State | 'asked' | 'restarted') => changes.get(id)?.includes(what) ?? false;
  const acted = (id: string) => did(id, DONE[call]) || did(id, 'asked');
  // What a try before this one has asked for may come about at any moment.
  const stays = (id: string) => changes.get(id)?.every((what) => what === 'asked' || matches(mark, what));
  const sure = ids.filter((id) => matched.has(id) && !pending.has(id) && (acted(id) || stays(id)));
  const all = [...changes.values()].flat();
  return {
    ...{ nth, call, wants, sure },
    missed: sure.filter((id) => !acted(id) && (call !== 'stopMany' || stateOf(id) === 'open')),
    possible: ids.filter((id) => matched.has(id) || changes.get(id)?.some((what) => matches(mark, what))).length,
    done: all.filter((what) => what === DONE[call]).length,
    gone: all.filter((what) => what === 'gone').length,
    asked: all.filter((what) => what === 'asked').length,
  };
}

function matches({ wants }: BulkMark, state: State | 'asked' | 'restarted'): boolean {
  if (state === 'asked' || state === 'gone') return false;
  return wants === 'any' || wants === (state === 'restarted' ? 'open' : state);
}

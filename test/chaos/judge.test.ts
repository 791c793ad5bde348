import type { CodeEntry } from './code-ledger';
import { type Evidence, judge } from './judge';
import { limitKey } from './kinds';
import type { TimelineEntry } from './timeline';

const at = (atMs: number) => ({ atMs });
const wanted = (atMs: number): TimelineEntry => ({ what: 'wanted', by: 'start', ...at(atMs) });
const begun = (atMs: number, pid = 11): TimelineEntry => ({
  what: 'begun',
  worker: `host-${pid}-x`,
  attempt: 1,
  lease: 'l',
  ...at(atMs),
});
const ended = (atMs: number, state: 'SUCCESS' | 'ERROR' | 'STOPPED' = 'SUCCESS'): TimelineEntry => ({
  what: 'ended',
  state,
  output: '1',
  ...at(atMs),
});
const requeued = (atMs: number): TimelineEntry => ({ what: 'requeued', ...at(atMs) });
const deleted = (atMs: number): TimelineEntry => ({ what: 'deleted', ...at(atMs) });

function verdictOn(entries: readonly TimelineEntry[], more: Partial<Evidence> = {}, id = 'stopped-1') {
  const code = Array.from({ length: 9 }, (): CodeEntry => ({ what: 'done', id, attempt: 1, pid: 11, atMs: 0 }));
  return judge({
    ids: [id],
    timelines: new Map([[id, entries]]),
    code: new Map([[id, code]]),
    kills: [],
    redisAway: [],
    goingRound: new Set(),
    duplicates: new Set(),
    longestRecoveryMs: 1_000,
    ...more,
  });
}

const breaches = (...args: Parameters<typeof verdictOn>) => verdictOn(...args).breaches.map(({ kind }) => kind);

describe('the verdict', () => {
  test('lets a task run twice and end once', () => {
    const verdict = verdictOn([wanted(1), begun(2), requeued(3), begun(4), ended(5), deleted(6)]);
    expect(verdict).toMatchObject({ breaches: [], runs: 2, ended: 1, requeued: 1 });
  });

  test('lets a task end once for each start, restart and push', () => {
    expect(breaches([wanted(1), ended(2, 'STOPPED'), wanted(3), begun(4), ended(5)])).toEqual([]);
  });

  test('finds a run beyond the limit of its key, and none where a run was put back', () => {
    const ids = ['limited-0', 'limited-3', 'limited-6'];
    const found = (second: readonly TimelineEntry[]) =>
      breaches([], {
        ids: [],
        timelines: new Map([
          ['limited-0', [wanted(1), begun(2), ended(9)]],
          ['limited-3', second],
          ['limited-6', [wanted(1), begun(5), ended(9)]],
        ]),
      });
    expect(ids.map(limitKey)).toEqual(Array(3).fill(limitKey('limited-0')));
    expect(found([wanted(1), begun(3), ended(5)])).toEqual([]);
    expect(found([wanted(1), begun(3), requeued(4), begun(9), ended(10)])).toEqual([]);
    expect(found([wanted(1), begun(3), ended(6)])).toEqual(['limit']);
  });

  test('finds two tasks of one key at a time, and a duplicate that was started', () => {
    const timelines = (second: number) =>
      new Map([
        ['only-1', [wanted(1), begun(2), ended(5)]],
        ['only-2', [wanted(second), begun(8), ended(9)]],
      ]);
    const ids = ['only-1', 'only-2'];
    const code = new Map(
      ids.map((id) => [id, [{ what: 'done', id, attempt: 1, pid: 11, atMs: 0 }] satisfies CodeEntry[]]),
    );
    expect(breaches([], { ids, code, timelines: timelines(5) })).toEqual([]);
    expect(breaches([], { ids, code, timelines: timelines(4) })).toEqual(['doubled key']);
    expect(breaches([], { ids, code, timelines: timelines(6), duplicates: new Set(['only-2']) })).toEqual([
      'doubled key',
    ]);
  });

  test('finds an end that nobody asked for, whether the hash tells of it or not', () => {
    expect(breaches([wanted(1), begun(2), ended(3), begun(4), ended(5)])).toEqual(['doubled end']);
    expect(breaches([wanted(1), begun(2), ended(3), ended(4), deleted(5)])).toEqual(['doubled end']);
  });

  test('finds a task that waits or runs for ever, and one that was deleted before its end', () => {
    expect(breaches([wanted(1)])).toEqual(['lost']);
    expect(breaches([wanted(1), begun(2), requeued(3)])).toEqual(['lost']);
    expect(breaches([wanted(1), deleted(2)])).toEqual(['lost']);
    expect(breaches([wanted(1), begun(2), ended(3), wanted(4)])).toEqual(['lost']);
    expect(breaches([wanted(1), begun(2), ended(3), begun(4)])).toEqual(['lost']);
  });

  test('takes the removal for the end of a task that is to be removed, and finds what is written of it afterwards', () => {
    const id = 'bulk-removed-1';
    expect(breaches([wanted(1), begun(2), requeued(3), begun(4), deleted(5)], {}, id)).toEqual([]);
    expect(breaches([wanted(1), begun(2)], {}, id)).toEqual(['lost']);
    expect(breaches([wanted(1), deleted(2), begun(3)], {}, id)).toEqual(['lost']);
    expect(breaches([wanted(1), deleted(2), ended(3)], {}, id)).toEqual(['doubled end', 'lost', 'wrong end']);
  });

  test('has nothing to say about a start that Redis never got', () => {
    expect(breaches([])).toEqual([]);
  });

  test('waits no longer for what goes round among workers that do not know its name', () => {
    const more = { goingRound: new Set(['rare-1']) };
    expect(breaches([wanted(1)], more, 'rare-1')).toEqual([]);
    expect(breaches([wanted(1), ended(2), ended(3), wanted(4)], more, 'rare-1')).toEqual(['doubled end']);
  });

  test('finds an end of a kind that the task cannot have', () => {
    expect(breaches([wanted(1), begun(2), ended(3, 'ERROR')])).toEqual(['wrong end']);
  });

  test('finds an end whose code did not run to its own', () => {
    expect(breaches([wanted(1), begun(2), ended(3)], { code: new Map() })).toEqual(['unearned end']);
    expect(breaches([wanted(1), ended(3, 'STOPPED')], { code: new Map() })).toEqual([]);
  });

  test('measures from a SIGKILL until the task runs again, less the time in which Redis was away', () => {
    const entries = [wanted(1), begun(10, 42), requeued(800), begun(900), ended(950)];
    const kills = [{ pid: 42, atMs: 100 }];
    expect(verdictOn(entries, { kills }).longestRecoveryMs).toBe(800);
    expect(verdictOn(entries, { kills, redisAway: [{ fromMs: 50, toMs: 300 }] }).longestRecoveryMs).toBe(600);
    expect(breaches(entries, { kills, longestRecoveryMs: 700 })).toEqual(['late recovery']);
  });

  test('sets no bound for what waits for its turn', () => {
    const entries = [wanted(1), begun(10, 42), requeued(800), begun(9_000), ended(9_500)];
    const verdict = verdictOn(entries, { kills: [{ pid: 42, atMs: 100 }] }, 'bounded-1');
    expect(verdict).toMatchObject({ breaches: [], longestRecoveryMs: 0, longestTurnRecoveryMs: 8_900 });
  });

  test('does not count what had ended before its worker was killed, or ran in another', () => {
    const entries = [wanted(1), begun(10, 42), ended(50), wanted(5_000), begun(5_001, 43), ended(9_000)];
    const kills = [
      { pid: 42, atMs: 100 },
      { pid: 4, atMs: 5_100 },
    ];
    expect(verdictOn(entries, { kills })).toMatchObject({ longestRecoveryMs: 0, breaches: [] });
  });
});

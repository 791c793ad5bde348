import type { KeyFacts, Place, PlacesView } from '../../src/store/places';
import { problemsOf } from '../../src/store/problems-of';
import { TaskKeys } from '../../src/task/keys';

type Task = Extract<KeyFacts, { kind: 'task' }>;

const NOW_MS = 1_000_000;

const view: PlacesView = {
  keys: new TaskKeys(),
  nowMs: NOW_MS,
  overdueMs: 100,
  leaseEndsMs: new Map(),
  inboxEndsMs: new Map<Place, number>([
    ['inbox:w1', NOW_MS + 1],
    ['end-inbox:w1', NOW_MS + 1],
    ['inbox:silent', NOW_MS - 50],
    ['inbox:dead', NOW_MS - 101],
  ]),
};

function task(state: Task['state'], more: Partial<Task> = {}): Task {
  const none = { stays: false, leased: false, skip: 0, owesPush: false, kept: false, expires: false };
  return { kind: 'task', state, ...none, ...more };
}

const waits = task('WAIT');
const ours = task('RUNNING', { leased: true });
const foreign = task('RUNNING');
const ended = task('SUCCESS', { leased: true });
const stays = task('ERROR', { leased: true, stays: true });
const stopped = task('STOPPED');

/** The places as one text, the problems as `severity problem`. */
type Row = [what: string, key: KeyFacts | undefined, places: string, ...problems: string[]];

function check(key: KeyFacts | undefined, places: string, more: Partial<PlacesView> = {}): string[] {
  const list = places.split(' ').filter(Boolean) as Place[];
  const problems = problemsOf({ id: 'a', key, places: list }, { ...view, ...more });
  return problems.map(({ severity, problem }) => `${severity} ${problem}`);
}

const GOOD: Row[] = [
  ['a task that waits', waits, 'new-queue'],
  ['one that is delayed', waits, 'delayed'],
  ['one that was taken', waits, 'inbox:w1'],
  ['one that was put back, as pytask leaves it', waits, 'new-queue active'],
  ['one that was stopped and pushed again', task('WAIT', { skip: 1 }), 'new-queue inbox:w1'],
  ['one that was restarted before its cleanup', waits, 'new-queue end-queue'],
  ['one that was restarted just now', waits, 'new-queue active leases'],
  ['a run of ours', ours, 'active leases'],
  ['a run that was pushed again', ours, 'active leases new-queue'],
  ["a run of pytask's", foreign, 'active'],
  ['an ended task', ended, 'end-queue'],
  ['one that is being cleaned up', ended, 'end-inbox:w1'],
  ['one that was cleaned up', task('SUCCESS', { expires: true }), ''],
  ['one that is kept for good', task('SUCCESS', { kept: true }), ''],
  ['one that was pushed again', ended, 'end-queue new-queue'],
  ['one that was cleaned up and pushed again', task('ERROR', { expires: true }), 'inbox:w1'],
  ['one with the cleanup switched off', stays, 'active'],
  ['one that pytask could not make', task('EXCEPTION', { stays: true }), 'end-queue'],
  ['a stopped task', stopped, 'active'],
  ['one that was stopped while it waited', task('STOPPED', { skip: 1 }), 'active new-queue'],
  ['one that was pushed again after its stop', stopped, 'new-queue active'],
  ['a removed task', undefined, ''],
  ['one that was removed while it waited', { kind: 'removed', skip: 2 }, 'new-queue inbox:w1'],
];

const WRONG: Row[] = [
  ['a task that waits nowhere', waits, '', 'error lost'],
  ['one in the active set alone', waits, 'active', 'error lost'],
  ['one whose every place is to be skipped', task('WAIT', { skip: 1 }), 'new-queue', 'error lost'],
  ['one whose push is noted, where no monitor looks', task('WAIT', { owesPush: true }), '', 'error lost'],
  ['one whose push is noted', task('WAIT', { owesPush: true }), 'active', 'recoverable push-owed'],
  ['one whose push is noted, just restarted', task('WAIT', { owesPush: true }), 'leases', 'recoverable push-owed'],
  ['one with two places', waits, 'new-queue inbox:w1', 'error doubled'],
  ['one with two places in one list', waits, 'new-queue new-queue', 'error doubled'],
  ['a run that no monitor sees', ours, '', 'error not-active'],
  ['a run that is opened half', ours, 'inbox:w1', 'recoverable not-active'],
  ['a run without an entry of its lease', ours, 'active', 'recoverable lease-missing'],
  ['an ended task that no cleanup meets', ended, '', 'error unsettled'],
  ['one that is to be cleaned up twice', ended, 'end-queue end-inbox:w1', 'recoverable ended-twice'],
  ['one that is still active', ended, 'end-queue active leases', 'recoverable left-active'],
  ['one that has not come to the end queue', ended, 'active', 'recoverable left-active'],
  ['one that stays, but is not active', stays, '', 'error not-active'],
  ['one that stays, in the end queue', stays, 'active end-queue', 'error in-end-queue'],
  ['one that stays, with a lease', stays, 'active leases', 'recoverable lease-left'],
  ['a stopped task that is not active', stopped, '', 'error not-active'],
  ['a stopped task with a lease', stopped, 'active leases', 'recoverable lease-left'],
  ['a stopped task in the end queue', stopped, 'active end-queue', 'recoverable in-end-queue'],
  ['one that skips a place it has not', task('STOPPED', { skip: 1 }), 'active', 'error skip-without-place'],
  ['a run that skips a place it has not', { ...foreign, skip: 1 }, 'active', 'error skip-without-place'],
  ['a removed task that skips a place it has not', { kind: 'removed', skip: 1 }, '', 'error skip-without-place'],
  ['one that skips a place that is owed', { ...stopped, skip: 1, owesPush: true }, 'active', 'recoverable push-owed'],
  ['a place in the queue of no task', undefined, 'new-queue', 'harmless no-hash'],
  ['a place beside those to be skipped', { kind: 'removed', skip: 1 }, 'new-queue new-queue', 'harmless no-hash'],
  ['an active id of no task', undefined, 'active leases', 'recoverable no-hash'],
  ['an ended id of no task', undefined, 'end-queue', 'recoverable no-hash'],
  ['what the update loop left', { kind: 'update-remainder' }, '', 'harmless update-remainder'],
  ['a key of another type', { kind: 'other-type' }, 'new-queue', 'harmless other-type'],
  ['an inbox of nobody', waits, 'inbox:nobody', 'error unregistered-inbox'],
  ['an inbox of a worker long dead', waits, 'inbox:dead', 'recoverable inbox-overdue'],
];

test.each(GOOD)('in order: %s', (_what, key, places) => {
  expect(check(key, places)).toEqual([]);
});

test.each(WRONG)('found: %s', (_what, key, places, ...problems) => {
  expect(check(key, places)).toEqual(problems);
});

test('a lease that lapsed is found once the monitor is late', () => {
  const lapsed = (lateMs: number) => check(ours, 'active leases', { leaseEndsMs: new Map([['a', NOW_MS - lateMs]]) });
  expect(lapsed(100)).toEqual([]);
  expect(lapsed(101)).toEqual(['recoverable overdue']);
});

test('a lease of a task that waits is found once the monitor is late', () => {
  const leaseEndsMs = new Map([['a', NOW_MS - 101]]);
  expect(check(waits, 'new-queue active leases', { leaseEndsMs })).toEqual(['recoverable lease-left']);
});

test('an inbox whose worker is silent is found once the monitor is late', () => {
  expect(check(waits, 'inbox:silent')).toEqual([]);
});

test('the message tells the command that mends it', () => {
  const tell = (id: string) => problemsOf({ id, key: task('WAIT', { skip: 1 }), places: [] }, view)[0]?.message;
  expect(tell('a')).toMatch(/LPUSH new-task a a$/);
  expect(tell('a b')).toMatch(/LPUSH new-task "a b" "a b"$/);
});

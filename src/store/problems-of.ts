import type { TaskKeys } from '../task/keys';
import type { IdFacts, KeyFacts, Place, PlaceProblem, PlaceSeverity, PlacesView, Problem } from './places';

type Task = Extract<KeyFacts, { kind: 'task' }>;

interface Case {
  readonly id: string;
  readonly view: PlacesView;
  /** Places to be taken from and run. */
  readonly queued: number;
  /** Places to be cleaned up from. */
  readonly ended: number;
  /** The list that it is to be in. */
  readonly queue: string;
  readonly active: boolean;
  readonly inLeases: boolean;
  /** A schedule has still to write or to push it. */
  readonly firing: boolean;
}

const BY_A_SCHEDULER = 'A scheduler makes it within seconds: does one run?';
const BY_THE_MONITOR = 'A monitor mends this with its next pass, once the lease has lapsed.';

/** Everything that is wrong with where an id stands while no call is under way. */
export function problemsOf({ id, key, places }: IdFacts, view: PlacesView): Problem[] {
  const count = (pattern: RegExp) => places.filter((place) => pattern.test(place)).length;
  const at: Case = {
    id: /^[\w.:/-]+$/.test(id) ? id : JSON.stringify(id),
    view,
    queued: count(/^(new-queue|prioritized|delayed|lane|inbox)/s),
    queue: view.keys.queue(key?.kind === 'task' ? key.queue : undefined),
    ended: count(/^end-/),
    active: places.includes('active'),
    inLeases: places.includes('leases'),
    firing: places.includes('firing'),
  };
  return [...problemsOfKey(id, key, at), ...problemsOfInboxes(at, places)];
}

function problemsOfKey(id: string, key: KeyFacts | undefined, at: Case): Problem[] {
  if (!key) return withoutTask(at, 0);
  if (key.kind === 'removed') return [...unusedSkips(at, key.skip, at.firing), ...withoutTask(at, key.skip)];
  const name = at.view.keys.task(id);
  if (key.kind === 'update-remainder') {
    return [
      harmless('update-remainder', `${name} holds last_update alone, as pytask's update loop leaves it`, `DEL it.`),
    ];
  }
  if (key.kind === 'other-type') {
    return [
      harmless('other-type', `${name} has the name of a task but is no hash`, 'Workers leave it alone; rename it.'),
    ];
  }
  if (key.state === 'WAIT') return waiting(id, at, key);
  const owed = isOwed(at, key);
  if (key.state === 'RUNNING') return [...running(id, at, key), ...unusedSkips(at, key.skip, owed)];
  if (key.state === 'STOPPED') return [...stopped(at, key), ...unusedSkips(at, key.skip, owed)];
  return [...(key.stays ? stayed(at, key) : ended(at, key)), ...unusedSkips(at, key.skip, owed)];
}

function waiting(rawId: string, at: Case, key: Task): Problem[] {
  const { id, view, queued, queue } = at;
  const missing = key.skip + 1 - queued;
  const places = key.skip > 0 ? `${queued} places, ${key.skip} of them to be skipped` : `${queued} places`;
  if (missing > 0 && isOwed(at, key)) {
    const remedy = at.firing ? BY_A_SCHEDULER : BY_THE_MONITOR;
    return [recoverable('push-owed', `task ${id} waits, and its push into the queue is still owed`, remedy)];
  }
  const problems: Problem[] = [];
  if (missing > 0) {
    const remedy = `Unless its producer is just about to: LPUSH ${queue} ${Array(missing).fill(id).join(' ')}`;
    problems.push(error('lost', `task ${id} waits, but no worker will meet it: it has ${places}`, remedy));
  }
  if (missing < 0) {
    const remedy = `LREM ${queue} ${-missing} ${id}, unless it is meant to run again.`;
    problems.push(error('doubled', `task ${id} waits in more than one place: it has ${places}`, remedy));
  }
  // One that was restarted has an entry for a while: there the monitor looks should the push be lost.
  if (lateMs(rawId, view) > view.overdueMs) problems.push(leaseLeft(at, 'waits'));
  return problems;
}

function running(rawId: string, at: Case, key: Task): Problem[] {
  const { id, view, active, inLeases } = at;
  const problems: Problem[] = [];
  if (!active && (inLeases || at.queued > key.skip)) {
    problems.push(
      recoverable(
        'not-active',
        `task ${id} runs, but is not in ${view.keys.taskSet}`,
        'Its end, or a monitor, mends it.',
      ),
    );
  } else if (!active) {
    problems.push(
      error(
        'not-active',
        `task ${id} runs, but no monitor would see its worker die: it is in neither ${view.keys.taskSet} nor ${view.keys.leases}`,
        `SADD ${view.keys.taskSet} ${id}`,
      ),
    );
  }
  if (active && key.leased && !inLeases) {
    const remedy = 'The next pass of a monitor gives it an entry.';
    problems.push(recoverable('lease-missing', `task ${id} runs under a lease that ${view.keys.leases} lacks`, remedy));
  }
  const late = lateMs(rawId, view);
  if (late > view.overdueMs) {
    const remedy = 'A monitor takes it over: does one run?';
    problems.push(recoverable('overdue', `task ${id} runs, but its lease lapsed ${late} ms ago`, remedy));
  }
  return problems;
}

function ended(at: Case, key: Task): Problem[] {
  const { id, view, active, inLeases } = at;
  const problems: Problem[] = [];
  if (active || inLeases) {
    const where = [...(active ? [view.keys.taskSet] : []), ...(inLeases ? [view.keys.leases] : [])].join(' and ');
    problems.push(recoverable('left-active', `task ${id} has ended, but is still in ${where}`, BY_THE_MONITOR));
  }
  if (at.ended > 1) {
    const remedy = 'The cleanup uses all of them up; its handler may get the task more than once.';
    problems.push(recoverable('ended-twice', `task ${id} is to be cleaned up ${at.ended} times`, remedy));
  }
  const comesToCleanup = at.ended > 0 || active || inLeases || at.queued > key.skip;
  if (!comesToCleanup && !key.expires && !key.kept) {
    const remedy = `LPUSH ${view.keys.endQueue} ${id}, or EXPIRE its hash.`;
    problems.push(
      error('unsettled', `task ${id} has ended, but no cleanup will meet it and it does not expire`, remedy),
    );
  }
  return problems;
}

/** Ended with the cleanup switched off. */
function stayed(at: Case, key: Task): Problem[] {
  const { id, view, inLeases } = at;
  // pytask cleans up what it could not make, whatever the task wants.
  if (!key.leased && key.state === 'EXCEPTION' && at.ended > 0) return ended(at, key);
  const problems = notListed(at, key, 'has ended with cleanup=false');
  if (at.ended > 0) {
    const remedy = `LREM ${view.keys.endQueue} 0 ${id}, or the cleanup takes it.`;
    problems.push(error('in-end-queue', `task ${id} is to be kept, but is about to be cleaned up`, remedy));
  }
  if (inLeases) problems.push(leaseLeft(at, 'has ended'));
  return problems;
}

function stopped(at: Case, key: Task): Problem[] {
  const problems = notListed(at, key, 'is stopped');
  if (at.ended > 0) {
    const remedy = 'The cleanup drops it there.';
    problems.push(recoverable('in-end-queue', `task ${at.id} is stopped, but is about to be cleaned up`, remedy));
  }
  if (at.inLeases) problems.push(leaseLeft(at, 'is stopped'));
  return problems;
}

/** Stopped and kept tasks stand in the active set, unless they were pushed again and are about to come there. */
function notListed({ id, view, active, queued }: Case, key: Task, what: string): Problem[] {
  if (active || queued > key.skip) return [];
  const { taskSet } = view.keys;
  return [error('not-active', `task ${id} ${what}, but is not in ${taskSet}`, `SADD ${taskSet} ${id}`)];
}

function unusedSkips({ id, queue, queued }: Case, skip: number, isOwed: boolean): Problem[] {
  const missing = skip - queued;
  if (missing <= 0) return [];
  const what = `${missing} of ${skip} places to be skipped do not exist for ${id}`;
  if (isOwed) return [recoverable('push-owed', `${what}: a push is still owed`, BY_THE_MONITOR)];
  const remedy = `Its next push would have no effect; use them up: LPUSH ${queue} ${Array(missing).fill(id).join(' ')}`;
  return [error('skip-without-place', what, remedy)];
}

function withoutTask({ id, view, queue, active, inLeases, queued, ended }: Case, skip: number): Problem[] {
  const where = [
    ...(queued > skip ? [queue] : []),
    ...(ended > 0 ? [view.keys.endQueue] : []),
    ...(active ? [view.keys.taskSet] : []),
    ...(inLeases ? [view.keys.leases] : []),
  ];
  if (where.length === 0) return [];
  const what = `there is no task ${id}, but the id is in ${where.join(', ')}`;
  if (ended > 0 || active || inLeases) {
    return [recoverable('no-hash', what, 'The monitor, or the cleanup where it is to be cleaned up, clears it away.')];
  }
  return [harmless('no-hash', what, 'A worker drops it when it meets it.')];
}

function problemsOfInboxes({ id, view }: Case, places: readonly Place[]): Problem[] {
  const { keys } = view;
  return [...new Set(places)].flatMap((place): Problem[] => {
    const inbox = inboxOf(place, keys);
    if (!inbox) return [];
    const { queue, worker } = inbox;
    const what = `${id} is in ${keys.inbox(queue, worker)}`;
    const endsMs = view.inboxEndsMs.get(place);
    if (endsMs === undefined) {
      const remedy = `Unless it lives, let a monitor give the ids back: ZADD ${keys.workers(queue)} 0 ${worker}`;
      return [error('unregistered-inbox', `${what}, whose worker is not registered`, remedy)];
    }
    const lateMs = Math.round(view.nowMs - endsMs);
    if (lateMs <= view.overdueMs) return [];
    const remedy = 'A monitor gives it back: does one run?';
    return [recoverable('inbox-overdue', `${what}, whose worker has been silent for ${lateMs} ms too long`, remedy)];
  });
}

/** The list and the worker of an inbox; undefined for any other place. */
export function inboxOf(place: Place, keys: TaskKeys): { queue: string; worker: string } | undefined {
  const [, kind, name, worker] = /^(inbox|end-inbox)(?:@([^:]*))?:(.*)$/s.exec(place) ?? [];
  if (worker === undefined) return undefined;
  return { queue: kind === 'inbox' ? keys.queue(name) : keys.endQueue, worker };
}

/** How long ago its lease has lapsed. */
function lateMs(rawId: string, view: PlacesView): number {
  return view.nowMs - (view.leaseEndsMs.get(rawId) ?? view.nowMs);
}

/** Where a monitor or a scheduler looks, so that it finds the push that is owed. */
function isOwed({ active, inLeases, firing }: Case, key: Task): boolean {
  return firing || (key.owesPush && (active || inLeases));
}

function leaseLeft({ id, view }: Case, what: string): Problem {
  return recoverable('lease-left', `task ${id} ${what}, but still has an entry in ${view.keys.leases}`, BY_THE_MONITOR);
}

const problem = (severity: PlaceSeverity) => (code: PlaceProblem, what: string, remedy: string) => ({
  problem: code,
  severity,
  message: `${what}. ${remedy}`,
});
const error = problem('error');
const recoverable = problem('recoverable');
const harmless = problem('harmless');

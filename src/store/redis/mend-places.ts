import type { TaskKeys } from '../../task/keys';
import type { Mending, MendingWay } from '../mending';
import type { Finding, Place, PlaceProblem } from '../places';
import { adopt, isOrphan } from './adopt';
import { whereToLook } from './check-places';
import { chunks } from './chunks';
import { lookExactly } from './exact-look';
import type { RedisConnection } from './redis-connection';
import { RedisSupervisorStore, SUSPECTS_A_PASS } from './redis-supervisor-store';
import { dropPlace } from './scripts/drop-place';

/** What the holder of the monitor's lock is called while it is no monitor. */
export const DOCTOR = 'doctor:';
const LOCK_MS = 1_000;
const MOST_SHOWN = 10;
const AT_ONCE = 100;

const REMEDIES: Partial<Record<PlaceProblem, string>> = {
  lost: 'put into the queue, once',
  unsettled: 'put into the end queue, for the cleanup',
  'not-active': 'put into the active set',
  'update-remainder': 'deleted',
  'unregistered-inbox': 'given back to the queue',
  'no-hash': 'dropped from where they stand',
};
const BY_REAPING = 'mended as a monitor does';
const BY_A_MONITOR = 'left to the monitor that is at work';
const LEFT: Partial<Record<PlaceProblem, string>> = {
  doubled: 'left alone: only you know whether they are meant to run again; see the command in the finding',
  'skip-without-place': 'left alone: see the command in the finding',
  'other-type': 'left alone: these keys are not ours',
  'ended-twice': 'left to the cleanup',
  'in-end-queue': 'left to the cleanup, or to you',
};

export interface MendOptions {
  /** Of the workers: without a sign of life for so long a run is taken over. In milliseconds. */
  readonly leaseMs: number;
  readonly overdueMs: number;
  /** Tells only. */
  readonly dryRun: boolean;
  /** Names this process to others. */
  readonly name: string;
  /** Is told each mending before and, where it is done, after. */
  readonly onMending: (mending: Mending) => void;
}

/**
 * Mends of what was found what is safe to mend beside workers: each step may be done twice, and none takes what a living worker holds.
 * @param findings Those of a look that has settled.
 */
export async function mendPlaces(
  redis: RedisConnection,
  keys: TaskKeys,
  findings: readonly Finding[],
  options: MendOptions,
): Promise<Mending[]> {
  const groups = grouped(redis, findings);
  for (const { mending } of groups) options.onMending(mending);
  if (options.dryRun) return groups.map(({ mending }) => mending);
  const all = (way: MendingWay) => groups.filter((group) => group.way === way).flatMap((group) => group.findings);
  await inSteps(all('adopt'), (finding) => adopt(redis, keys, finding));
  await inSteps(all('drop'), (finding) => drop(redis, keys, finding));
  // An inbox that was registered just now is emptied by it as well.
  const inboxes = findings.some(({ problem }) => problem === 'unregistered-inbox');
  const reaps = inboxes || all('reap').length > 0;
  const isLeft = reaps && !(await reap(redis, keys, options));
  const safe = groups.filter(({ mending }) => mending.isSafe);
  const ids = new Set(safe.flatMap((group) => group.findings.map(({ id }) => id)));
  // Anew: a queue that nobody had used may be in use by now.
  const at = await whereToLook(redis, keys, options.overdueMs);
  const left = new Set(ids.size > 0 ? (await lookExactly(redis, at, ids)).map(nameOf) : []);
  return groups.map(({ mending, way, findings: some }) => {
    if (!mending.isSafe) return mending;
    const others = isLeft && way === 'reap' ? ({ way: 'left', remedy: BY_A_MONITOR } as const) : {};
    const done = { ...mending, ...others, done: some.filter((finding) => !left.has(nameOf(finding))).length };
    options.onMending(done);
    return done;
  });
}

interface Group {
  readonly way: MendingWay;
  readonly findings: readonly Finding[];
  readonly mending: Mending;
}

function grouped(redis: RedisConnection, findings: readonly Finding[]): Group[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const name = `${wayOf(redis, finding)} ${finding.problem}`;
    const group = groups.get(name);
    if (group) group.push(finding);
    else groups.set(name, [finding]);
  }
  return [...groups.values()].map((some) => {
    const { problem } = some[0] as Finding;
    const way = wayOf(redis, some[0] as Finding);
    const remedy = way === 'left' ? LEFT[problem] : way === 'reap' ? BY_REAPING : REMEDIES[problem];
    const ids = some.slice(0, MOST_SHOWN).map(({ id }) => id);
    const isSafe = way !== 'left';
    const mending = { problem, way, remedy: remedy ?? 'left to workers', isSafe, count: some.length, ids };
    return { way, findings: some, mending };
  });
}

function wayOf(redis: RedisConnection, finding: Finding): MendingWay {
  const { problem, severity, places } = finding;
  if (isOrphan(finding)) return 'adopt';
  if (problem === 'no-hash') {
    if (places.some((place) => place === 'active' || place === 'leases')) return 'reap';
    // What a worker holds it drops itself; and in a cluster no script sees the hash and the queue together.
    return redis.isCluster || !places.some(isDroppable) ? 'left' : 'drop';
  }
  return severity === 'recoverable' && LEFT[problem] === undefined ? 'reap' : 'left';
}

function isDroppable(place: Place): boolean {
  return /^(new-queue|prioritized|delayed|end-queue)/s.test(place);
}

async function drop(redis: RedisConnection, keys: TaskKeys, { id, places }: Finding): Promise<void> {
  for (const place of new Set(places.filter(isDroppable))) {
    const [kind, name] = place.split('@') as [string, string?];
    const queue = keys.queue(name);
    const key = { 'new-queue': queue, 'end-queue': keys.endQueue, delayed: keys.delayed(queue) }[kind];
    const isList = kind.endsWith('queue') ? 1 : 0;
    await dropPlace.run(redis, { hash: keys.task(id), place: key ?? keys.prioritized(queue) }, { id, isList });
  }
}

/** As a monitor does. @returns False where one is at work, and nothing was done. */
async function reap(redis: RedisConnection, keys: TaskKeys, { leaseMs, name }: MendOptions): Promise<boolean> {
  const store = new RedisSupervisorStore(redis, keys);
  if ((await store.elect('monitor', `${DOCTOR}${name}`, LOCK_MS)) > 0) return false;
  const active = await redis.call((client) => client.scard(keys.taskSet));
  // Nobody's death is counted: how many a task may cause is for its workers to say.
  for (let looked = 0; looked <= active; looked += SUSPECTS_A_PASS)
    await store.reap(leaseMs, Number.POSITIVE_INFINITY, false);
  return true;
}

async function inSteps(findings: readonly Finding[], mend: (finding: Finding) => Promise<void>): Promise<void> {
  for (const some of chunks(findings, AT_ONCE)) await Promise.all(some.map(mend));
}

function nameOf({ id, problem }: Finding): string {
  return `${problem} ${id}`;
}

import type { TaskKeys } from '../../task/keys';
import { DEFAULT_QUEUE } from '../../task/queue-name';
import type { Place } from '../places';
import type { InboxNames } from './inbox-names';
import type { RedisConnection } from './redis-connection';
import { ID_IN_MEMBER } from './scripts/lanes';

const IDS_A_STEP = 5_000;

/** Some of the ids that stand in one place. */
export interface PlacesStep {
  readonly place: Place;
  readonly ids: readonly string[];
  /**
   * Of leases: when each lapses; of an inbox: until when it is its worker's own, one time for all, and none where the worker is not
   * registered. In epoch milliseconds of Redis.
   */
  readonly endsMs?: readonly number[];
}

export interface PlacesOf {
  /** The names of the queues. */
  readonly queues: readonly string[];
  readonly inboxes: InboxNames;
}

/**
 * Reads every place but the hashes, in steps, and keeps nothing. Ids that move meanwhile may be seen twice or not at all, and a set that grows
 * meanwhile may tell a member twice.
 */
export async function* readPlaces(
  redis: RedisConnection,
  keys: TaskKeys,
  { queues, inboxes }: PlacesOf,
): AsyncIterable<PlacesStep> {
  async function* inboxSteps(queue: string, kind: 'inbox' | `inbox@${string}` | 'end-inbox') {
    const endsMs = new Map<string, number>();
    for await (const [workers, times] of scoreSteps(redis, keys.workers(queue)))
      for (const [position, worker] of workers.entries()) endsMs.set(worker, times[position] as number);
    for (const worker of new Set([...endsMs.keys(), ...(inboxes.get(queue) ?? [])])) {
      const endMs = endsMs.get(worker);
      const times = endMs === undefined ? {} : { endsMs: [endMs] };
      for await (const ids of listSteps(redis, keys.inbox(queue, worker)))
        yield { place: `${kind}:${worker}` as const, ids, ...times };
    }
  }

  // In the direction in which ids move: one that moves on meanwhile is rather seen twice than missed.
  for await (const [ids] of scoreSteps(redis, keys.scheduling.claims)) yield { place: 'firing', ids };
  for (const name of queues) {
    const queue = keys.queue(name);
    const of = name === DEFAULT_QUEUE ? '' : (`@${name}` as const);
    for await (const [ids] of scoreSteps(redis, keys.delayed(queue))) yield { place: `delayed${of}`, ids };
    for await (const ids of listSteps(redis, queue)) yield { place: `new-queue${of}`, ids };
    for await (const [ids] of scoreSteps(redis, keys.prioritized(queue))) yield { place: `prioritized${of}`, ids };
    for (const laned of await redis.call((client) => client.smembers(keys.laned(queue)))) {
      for await (const [members] of scoreSteps(redis, keys.lanes(queue, laned).parked))
        yield { place: `lane${of}`, ids: members.map((member) => member.slice(ID_IN_MEMBER - 1)) };
    }
    yield* inboxSteps(queue, `inbox${of}`);
  }
  for await (const ids of setSteps(redis, keys.taskSet)) yield { place: 'active', ids };
  for await (const [ids, endsMs] of scoreSteps(redis, keys.leases)) yield { place: 'leases', ids, endsMs };
  for await (const ids of listSteps(redis, keys.endQueue)) yield { place: 'end-queue', ids };
  yield* inboxSteps(keys.endQueue, 'end-inbox');
}

async function* listSteps(redis: RedisConnection, key: string): AsyncIterable<string[]> {
  for (let start = 0; ; start += IDS_A_STEP) {
    const ids = await redis.call((client) => client.lrange(key, start, start + IDS_A_STEP - 1));
    if (ids.length > 0) yield ids;
    if (ids.length < IDS_A_STEP) return;
  }
}

async function* setSteps(redis: RedisConnection, key: string): AsyncIterable<string[]> {
  let cursor = '0';
  do {
    const [next, members] = await redis.call((client) => client.sscan(key, cursor, 'COUNT', IDS_A_STEP));
    cursor = next;
    if (members.length > 0) yield members;
  } while (cursor !== '0');
}

async function* scoreSteps(
  redis: RedisConnection,
  key: string,
): AsyncIterable<readonly [members: readonly string[], scores: readonly number[]]> {
  let cursor = '0';
  do {
    const [next, pairs] = await redis.call((client) => client.zscan(key, cursor, 'COUNT', IDS_A_STEP));
    cursor = next;
    const members = pairs.filter((_, position) => position % 2 === 0);
    if (members.length > 0) yield [members, pairs.filter((_, position) => position % 2 === 1).map(Number)];
  } while (cursor !== '0');
}

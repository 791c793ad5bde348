import type { Redis } from 'ioredis';
import type { TaskKeys } from '../../task/keys';
import { DEFAULT_QUEUE } from '../../task/queue-name';
import type { Place } from '../places';
import { QueueNames } from './queue-names';
import type { RedisConnection } from './redis-connection';
import { isCluster, type RedisClient } from './redis-spec';
import { ID_IN_MEMBER } from './scripts/lanes';

const IDS_A_STEP = 5_000;

/** What stands in the queues and sets, by id. */
export interface PlacesRead {
  readonly placesById: ReadonlyMap<string, Place[]>;
  /** When the leases lapse, in epoch milliseconds of Redis. */
  readonly leaseEndsMs: ReadonlyMap<string, number>;
  /** Until when the inboxes of registered workers are their own. */
  readonly inboxEndsMs: ReadonlyMap<Place, number>;
}

/** Reads every place but the hashes, in steps; ids that move meanwhile may be seen twice or not at all. */
export async function readPlaces(redis: RedisConnection, keys: TaskKeys): Promise<PlacesRead> {
  const placesById = new Map<string, Place[]>();
  const add = (ids: Iterable<string>, place: Place) => {
    for (const id of ids) {
      const places = placesById.get(id);
      if (places) places.push(place);
      else placesById.set(id, [place]);
    }
  };
  const readList = async (key: string, place: Place) => {
    for await (const ids of listSteps(redis, key)) add(ids, place);
  };
  const inboxEndsMs = new Map<Place, number>();
  const readInboxes = async (queue: string, kind: 'inbox' | `inbox@${string}` | 'end-inbox') => {
    const prefix = keys.inbox(queue, '');
    const workers = new Set<string>();
    for (const [worker, endsMs] of await readScores(redis, keys.workers(queue))) {
      workers.add(worker);
      inboxEndsMs.set(`${kind}:${worker}`, endsMs);
    }
    for await (const [, found] of scanSteps(redis, keys.everyInbox(queue))) {
      for (const key of found) workers.add(key.slice(prefix.length));
    }
    for (const worker of workers) await readList(keys.inbox(queue, worker), `${kind}:${worker}`);
  };

  // In the direction in which ids move: one that moves on meanwhile is rather seen twice than missed.
  add((await readScores(redis, keys.scheduling.claims)).keys(), 'firing');
  for (const name of await new QueueNames(redis, keys).list()) {
    const queue = keys.queue(name);
    const of = name === DEFAULT_QUEUE ? '' : (`@${name}` as const);
    add((await readScores(redis, keys.delayed(queue))).keys(), `delayed${of}`);
    await readList(queue, `new-queue${of}`);
    add((await readScores(redis, keys.prioritized(queue))).keys(), `prioritized${of}`);
    for (const laned of await redis.call((client) => client.smembers(keys.laned(queue)))) {
      const members = (await readScores(redis, keys.lanes(queue, laned).parked)).keys();
      add(
        [...members].map((member) => member.slice(ID_IN_MEMBER - 1)),
        `lane${of}`,
      );
    }
    await readInboxes(queue, `inbox${of}`);
  }
  add(await readSet(redis, keys.taskSet), 'active');
  const leaseEndsMs = await readScores(redis, keys.leases);
  add(leaseEndsMs.keys(), 'leases');
  await readList(keys.endQueue, 'end-queue');
  await readInboxes(keys.endQueue, 'end-inbox');
  return { placesById, leaseEndsMs, inboxEndsMs };
}

/** The keys that match, in steps, each with the node that holds them: the one Redis, or a master of the cluster. */
export async function* scanSteps(
  redis: RedisConnection,
  pattern: string,
): AsyncIterable<[node: Redis, keys: readonly string[]]> {
  const nodes = await redis.call(async (client) => nodesOf(client));
  for (const node of nodes) {
    let cursor = '0';
    do {
      const [next, keys] = await redis.call(() => node.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000));
      cursor = next;
      if (keys.length > 0) yield [node, keys];
    } while (cursor !== '0');
  }
}

function nodesOf(client: RedisClient): Redis[] {
  return isCluster(client) ? client.nodes('master') : [client];
}

async function* listSteps(redis: RedisConnection, key: string): AsyncIterable<string[]> {
  for (let start = 0; ; start += IDS_A_STEP) {
    const ids = await redis.call((client) => client.lrange(key, start, start + IDS_A_STEP - 1));
    yield ids;
    if (ids.length < IDS_A_STEP) return;
  }
}

/** A scan may tell a member more than once. */
async function readSet(redis: RedisConnection, key: string): Promise<Set<string>> {
  const members = new Set<string>();
  let cursor = '0';
  do {
    const [next, some] = await redis.call((client) => client.sscan(key, cursor, 'COUNT', IDS_A_STEP));
    cursor = next;
    for (const member of some) members.add(member);
  } while (cursor !== '0');
  return members;
}

async function readScores(redis: RedisConnection, key: string): Promise<Map<string, number>> {
  const scores = new Map<string, number>();
  let cursor = '0';
  do {
    const [next, pairs] = await redis.call((client) => client.zscan(key, cursor, 'COUNT', IDS_A_STEP));
    cursor = next;
    for (let place = 0; place < pairs.length; place += 2) {
      scores.set(pairs[place] as string, Number(pairs[place + 1]));
    }
  } while (cursor !== '0');
  return scores;
}

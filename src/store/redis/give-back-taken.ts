import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';
import { type ClaimedReply, claimed } from './scripts/claimed';
import { usedDone } from './scripts/used-done';

/**
 * Gives a worker's taken ids back to the queue, where it is dead or leaves, except for what is over of them.
 * @param reap Puts the ids back, but for one place each of those it is given.
 */
export async function giveBackTaken<T>(
  redis: RedisConnection,
  keys: TaskKeys,
  worker: string,
  leaseMs: number,
  reap: (over: readonly string[]) => Promise<T>,
): Promise<T> {
  const over = await placesOver(redis, keys, worker, leaseMs);
  const given = await reap(over);
  // Only now: until its place is gone, the mark is what tells that it had no effect.
  const rows = over.map((id) => ({ key: keys.task(id) }));
  await usedDone.run(redis, rows, { worker });
  return given;
}

/**
 * What of a worker's inbox is over, where that worker is dead or leaves: ids whose runs it has begun, which are in the index
 * by then, and ids whose place had no effect. Only the places are still to be given up: put back, they would count twice.
 * @param leaseMs How long after its last sign of life a begun run counts as alive.
 */
async function placesOver(redis: RedisConnection, keys: TaskKeys, worker: string, leaseMs: number): Promise<string[]> {
  const ids = await redis.call((client) => client.lrange(keys.inbox(keys.newQueue, worker), 0, -1));
  if (ids.length === 0) return [];
  const items = ids.map((id) => ({ key: keys.task(id) }));
  const replies = await claimed.run(redis, items, { worker, leaseMs });
  const begun = ids.flatMap((id, position) => {
    const [verdict, lapsesMs] = replies[position] as ClaimedReply;
    return verdict === 'begun' ? [[lapsesMs, id] as const] : [];
  });
  if (begun.length > 0) {
    await redis.call((client) => client.sadd(keys.taskSet, ...begun.map(([, id]) => id)));
    await redis.call((client) => client.zadd(keys.leases, ...begun.flat()));
  }
  return ids.filter((_, position) => replies[position]?.[0] !== 'not yet');
}

import calculateSlot from 'cluster-key-slot';
import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';
import { isCluster } from './redis-spec';

/** One wait may block its connection for so long: less than the silence after which a connection counts as dead. */
const LONGEST_WAIT_MS = 2_000;

/**
 * Waits until a replica has all that was written to the node of a key so far.
 * @param mark A key in the slot of what was written; it is written, as a wait counts from its own connection's last write.
 * @returns Whether one has confirmed it within the time.
 */
async function replicaHasIt(redis: RedisConnection, mark: string, withinMs: number): Promise<boolean> {
  for (let leftMs = withinMs; leftMs > 0; leftMs -= LONGEST_WAIT_MS) {
    const waitMs = Math.ceil(Math.min(leftMs, LONGEST_WAIT_MS));
    // On a connection of its own: a wait holds up whatever is sent behind it. One pipeline goes to one node.
    const replies = await redis.call(
      (client) => client.pipeline().set(mark, 1, 'PX', LONGEST_WAIT_MS).wait(1, waitMs).exec(),
      'replication',
    );
    for (const [error] of replies ?? []) if (error) throw redis.translate(error);
    if (Number(replies?.[1]?.[1]) >= 1) return true;
  }
  return false;
}

/** Those of the tasks just enqueued that no replica has confirmed within the time, with their places in the queue. */
export async function unconfirmed(
  redis: RedisConnection,
  keys: TaskKeys,
  { ids, queue }: { readonly ids: readonly string[]; readonly queue: string | undefined },
  withinMs: number,
): Promise<string[]> {
  // On one Redis the queue was written last; on a cluster the hashes have other masters.
  const groups = redis.isCluster ? byMaster(redis, keys, ids) : [];
  const [queueIsSafe, ...areSafe] = await Promise.all([
    replicaHasIt(redis, keys.replicated(keys.queue(queue)), withinMs),
    ...groups.map(([first]) => replicaHasIt(redis, keys.replicated(keys.task(first)), withinMs)),
  ]);
  return queueIsSafe ? groups.filter((_, place) => !areSafe[place]).flat() : [...ids];
}

/** The ids by the master that holds their hashes. */
function byMaster(redis: RedisConnection, keys: TaskKeys, ids: readonly string[]): [string, ...string[]][] {
  const client = redis.client('replication');
  const masters = new Map<string, [string, ...string[]]>();
  for (const id of ids) {
    const slot = calculateSlot(keys.task(id));
    const master = (isCluster(client) ? client.slots[slot]?.[0] : undefined) ?? String(slot);
    const group = masters.get(master);
    if (group) group.push(id);
    else masters.set(master, [id]);
  }
  return [...masters.values()];
}

import type { RedisConnection } from './redis-connection';

/** One wait may block its connection for so long: less than the silence after which a connection counts as dead. */
const LONGEST_WAIT_MS = 2_000;

/**
 * Waits until a replica has all that was written to the node of a key so far.
 * @param mark A key in the slot of what was written; it is written, as a wait counts from its own connection's last write.
 * @returns Whether one has confirmed it within the time.
 */
export async function replicaHasIt(redis: RedisConnection, mark: string, withinMs: number): Promise<boolean> {
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

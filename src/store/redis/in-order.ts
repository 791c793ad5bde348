import type { RedisConnection } from './redis-connection';

/**
 * Makes steps, each before the next. One Redis runs what a connection sends in its order, so that nothing is waited for
 * in between; the nodes of a cluster do not wait for each other.
 */
export async function inOrder(redis: RedisConnection, steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  if (redis.isCluster) for (const step of steps) await step();
  else await Promise.all(steps.map((step) => step()));
}

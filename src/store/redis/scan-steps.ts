import type { Redis } from 'ioredis';
import type { RedisConnection } from './redis-connection';
import { isCluster, type RedisClient } from './redis-spec';

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

/** The one Redis, or the masters of the cluster. */
export function nodesOf(client: RedisClient): Redis[] {
  return isCluster(client) ? client.nodes('master') : [client];
}

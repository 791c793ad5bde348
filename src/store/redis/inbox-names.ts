import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';
import { scanSteps } from './scan-steps';

/** The key of a queue -> the workers that have an inbox of it, registered or not. */
export type InboxNames = ReadonlyMap<string, ReadonlySet<string>>;

/** Looks through the names of all keys once, for all queues. */
export async function readInboxNames(
  redis: RedisConnection,
  keys: TaskKeys,
  queues: readonly string[],
): Promise<InboxNames> {
  const names = new Map(queues.map((queue) => [queue, new Set<string>()]));
  const prefixes = queues.map((queue) => [queue, keys.inbox(queue, '')] as const);
  for await (const [, found] of scanSteps(redis, keys.everyInbox())) {
    for (const key of found) {
      const [queue, prefix] = prefixes.find(([, one]) => key.startsWith(one)) ?? [];
      if (queue !== undefined && prefix !== undefined) names.get(queue)?.add(key.slice(prefix.length));
    }
  }
  return names;
}

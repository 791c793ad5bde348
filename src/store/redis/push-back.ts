import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';
import { pushOnce } from './scripts/push-once';

/**
 * Puts an id back into the new queue, once for each token, whoever does so.
 * @param place The head is taken next.
 * @returns Whether it was put there now.
 */
export async function pushBack(
  redis: RedisConnection,
  keys: TaskKeys,
  { id, token }: { readonly id: string; readonly token: string },
  place: 'head' | 'end',
): Promise<boolean> {
  const queue = keys.newQueue;
  const pushed = keys.pushed(queue, id, token);
  return (await pushOnce.run(redis, { queue, pushed }, { id, head: place === 'head' ? 1 : 0 })) === 1;
}

import type { Due } from '../../task/due';
import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';
import { dueArg } from './redis-enqueuer';
import { reschedule } from './scripts/reschedule';

/**
 * Gives an id that waits beside its queue another time.
 * @param name Of the queue; null or empty: the default one.
 * @returns When it is due, in epoch milliseconds as text; 0 where it does not wait there.
 */
export function putOff(
  redis: RedisConnection,
  keys: TaskKeys,
  { id, due }: { readonly id: string; readonly due: Due },
  name: string | null | undefined,
): Promise<string | 0> {
  const queue = keys.queue(name);
  const args = { wake: keys.wake(queue), due: dueArg(due), id };
  return reschedule.run(redis, { delayed: keys.delayed(queue) }, args);
}

import type { TaskKeys } from '../../task/keys';
import { DEFAULT_PRIORITY } from '../../task/priority';
import type { RedisConnection } from './redis-connection';
import { delayOnce } from './scripts/delay-once';
import { pushDone } from './scripts/push-done';
import { prioritizeOnce, pushOnce } from './scripts/push-once';

/** A push into its queue that a hash owes under a token. */
export interface OwedPush {
  readonly id: string;
  readonly token: string;
  /** Absent or empty: the default one. */
  readonly queue?: string | undefined;
  /** As text; it has a say where the id goes to the end. Absent or empty: that of all others. */
  readonly priority?: string | undefined;
  /** The worker that ran the task, and is taken for dead: a place in its inbox is given up for this one. */
  readonly from?: string;
  /** When it is to be in the queue, in epoch milliseconds as text; absent or empty: at once. */
  readonly due?: string | undefined;
}

/**
 * Makes pushes that are owed, once for each token, whoever does so, and notes that they are made.
 * @param place The head is taken next.
 * @returns Which were made now.
 */
export async function pushBack(
  redis: RedisConnection,
  keys: TaskKeys,
  pushes: readonly OwedPush[],
  place: 'head' | 'end',
): Promise<boolean[]> {
  const made = await Promise.all(pushes.map((push) => pushOne(redis, keys, push, place)));
  // Only then: a push that is not noted as made is made again, or found to be made.
  await pushDone.run(
    redis,
    pushes.map(({ id, token }) => ({ key: keys.task(id), token })),
    {},
  );
  return made.map((reply) => reply === 1);
}

async function pushOne(
  redis: RedisConnection,
  keys: TaskKeys,
  { id, token, queue: name, priority, from = '', due }: OwedPush,
  place: 'head' | 'end',
): Promise<0 | 1> {
  const queue = keys.queue(name);
  const pushed = keys.pushed(queue, id, token);
  // What goes back to the head has had its turn before.
  if (place === 'end' && priority && !due) {
    const levels = Number(priority) - DEFAULT_PRIORITY;
    const places = { prioritized: keys.prioritized(queue), pushed };
    return prioritizeOnce.run(redis, places, { id, levels, wake: keys.wake(queue) });
  }
  const marked = { pushed, inbox: keys.inbox(queue, from) };
  const fromInbox = from === '' ? 0 : 1;
  if (due) {
    const delayed = keys.delayed(queue);
    if (place === 'end' && priority) await redis.call((client) => client.hset(keys.levels(queue), id, priority));
    return delayOnce.run(redis, { delayed, ...marked }, { id, fromInbox, due, wake: keys.wake(queue) });
  }
  const head = place === 'head' ? 1 : 0;
  return pushOnce.run(redis, { queue, ...marked }, { id, head, fromInbox, wake: keys.wakeOf(queue) });
}

import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';
import { delayOnce } from './scripts/delay-once';
import { pushDone } from './scripts/push-done';
import { pushOnce } from './scripts/push-once';

/** A push into the new queue that a hash owes under a token. */
export interface OwedPush {
  readonly id: string;
  readonly token: string;
  /** The worker that ran the task, and is taken for dead: a place in its inbox is given up for this one. */
  readonly from?: string;
  /** When it is to be in the queue, in epoch milliseconds as text; absent: at once. */
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
  const queue = keys.newQueue;
  const head = place === 'head' ? 1 : 0;
  const made = await Promise.all(
    pushes.map(({ id, token, from = '', due }) => {
      const marked = { pushed: keys.pushed(queue, id, token), inbox: keys.inbox(queue, from) };
      const fromInbox = from === '' ? 0 : 1;
      if (due === undefined) return pushOnce.run(redis, { queue, ...marked }, { id, head, fromInbox });
      const delayed = keys.delayed(queue);
      return delayOnce.run(redis, { delayed, ...marked }, { id, fromInbox, due, wake: keys.wake(queue) });
    }),
  );
  // Only then: a push that is not noted as made is made again, or found to be made.
  await pushDone.run(
    redis,
    pushes.map(({ id, token }) => ({ key: keys.task(id), token })),
    {},
  );
  return made.map((reply) => reply === 1);
}

import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';
import { pushDone } from './scripts/push-done';
import { pushOnce } from './scripts/push-once';

/** A push into the new queue that a hash owes under a token. */
export interface OwedPush {
  readonly id: string;
  readonly token: string;
  /** The worker that ran the task, and is taken for dead: a place in its inbox is given up for this one. */
  readonly from?: string;
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
    pushes.map(({ id, token, from = '' }) => {
      const scriptKeys = { queue, pushed: keys.pushed(queue, id, token), inbox: keys.inbox(queue, from) };
      return pushOnce.run(redis, scriptKeys, { id, head, fromInbox: from === '' ? 0 : 1 });
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

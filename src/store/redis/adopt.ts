import type { TaskKeys } from '../../task/keys';
import { queueMistake } from '../../task/queue-name';
import type { Finding, PlaceProblem } from '../places';
import { inboxOf } from '../problems-of';
import { pushBack } from './push-back';
import { QueueNames } from './queue-names';
import type { RedisConnection } from './redis-connection';
import { pushEnded } from './scripts/push-ended';

type Adopt = (redis: RedisConnection, keys: TaskKeys, finding: Finding) => Promise<unknown>;

/** How what nobody looks after comes back to where somebody does. */
const WAYS: Partial<Record<PlaceProblem, Adopt>> = {
  lost: async (redis, keys, { id }) => {
    const fields = ['created', 'lease', 'last_update', 'queue', 'priority', 'push', 'due'] as const;
    const values = await redis.call((client) => client.hmget(keys.task(id), ...fields));
    const [queue, priority, push, due] = values.slice(3).map((value) => value ?? undefined);
    // Else a queue that nobody has used yet would not be looked at.
    if (queue !== undefined && queueMistake(queue) === undefined) await new QueueNames(redis, keys).note(queue);
    // Whoever owes it may still make it, or has: then nobody else does.
    if (push) return pushBack(redis, keys, [{ id, token: push, queue, priority, due }], 'end');
    // Once for each time it got lost, whoever does it; for a hash without any of these once an hour.
    return pushBack(redis, keys, [{ id, token: `orphan:${values.slice(0, 3).join(':')}`, queue, priority }], 'end');
  },
  unsettled: (redis, keys, { id }) => pushEnded.run(redis, { queue: keys.endQueue }, { id }),
  'not-active': (redis, keys, { id }) => redis.call((client) => client.sadd(keys.taskSet, id)),
  // With its only field the hash goes too.
  'update-remainder': (redis, keys, { id }) => redis.call((client) => client.hdel(keys.task(id), 'last_update')),
  // Registered as silent for ever, so that the next pass of the monitor empties it.
  'unregistered-inbox': async (redis, keys, { places }) => {
    for (const place of places) {
      const inbox = inboxOf(place, keys);
      if (inbox) await redis.call((client) => client.zadd(keys.workers(inbox.queue), 'NX', 0, inbox.worker));
    }
  },
};

/** Whether nobody would ever mend it, and we know how. */
export function isOrphan({ problem, severity }: Finding): boolean {
  return problem in WAYS && (severity === 'error' || problem === 'update-remainder');
}

export async function adopt(redis: RedisConnection, keys: TaskKeys, finding: Finding): Promise<void> {
  await WAYS[finding.problem]?.(redis, keys, finding);
}

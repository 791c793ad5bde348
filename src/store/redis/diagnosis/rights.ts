import type { TaskKeys } from '../../../task/keys';
import { checksOf } from '../../diagnosis';
import type { CheckFunction } from './check-view';

const { ok, warning } = checksOf('rights');

/** One command for each group of rights that docs/protocol.md lists, on keys and channels of ours. */
function samples(keys: TaskKeys): readonly (readonly [command: string, ...string[]])[] {
  const { newQueue, endQueue, taskSet, leases } = keys;
  return [
    ['eval', 'return 1', '0'],
    ['evalsha', '0'.repeat(40), '0'],
    ['hset', keys.task('doctor'), 'state', 'WAIT'],
    ['hmget', keys.task('doctor'), 'state'],
    ['pexpire', keys.task('doctor'), '1'],
    ['del', keys.task('doctor')],
    ['lpush', newQueue, 'doctor'],
    ['blmove', newQueue, keys.inbox(newQueue, 'doctor'), 'RIGHT', 'LEFT', '1'],
    ['zadd', keys.workers(newQueue), '1', 'doctor'],
    ['zadd', keys.delayed(newQueue), '1', 'doctor'],
    ['sadd', keys.queues, 'doctor'],
    ['sadd', taskSet, 'doctor'],
    ['zadd', leases, '1', 'doctor'],
    ['set', keys.duty('monitor'), 'doctor'],
    ['lpush', endQueue, 'doctor'],
    ['rpush', keys.log('doctor'), 'line'],
    ['publish', keys.task('doctor'), 'start'],
    ['publish', keys.wake(newQueue), ''],
    ['subscribe', keys.wake(newQueue)],
    ['psubscribe', keys.everyControlChannel],
    ['info'],
  ];
}

/** Whether this user may do what workers do. */
export const checkRights: CheckFunction = async ({ redis, keys, nodes: [first] }) => {
  if (first === undefined) return [];
  const user = String(await redis.call(() => first.client.acl('WHOAMI')));
  const replies = await Promise.all(
    samples(keys).map(async ([command, ...args]) => {
      const reply = String(await redis.call(() => first.client.call('ACL', 'DRYRUN', user, command, ...args)));
      return reply === 'OK' ? [] : [`${command} ${args[0] ?? ''}`.trim()];
    }),
  );
  const missing = [...new Set(replies.flat())];
  if (missing.length === 0) return [ok(`the user ${user} has the rights of a worker`)];
  const remedy = 'If workers connect as this user: docs/protocol.md#acl lists all rights that they need.';
  return [warning(`the user ${user} may not do what a worker does: ${missing.join(', ')}`, remedy)];
};

import { defineScript } from '../script';

/**
 * Puts an id into its queue unless that was done before under the same token: `pushed` tells, for an hour.
 * `head` 1: it is popped next; 0: last. Replies 1 if it was put there, else 0.
 */
export const pushOnce = defineScript<'queue' | 'pushed', 'id' | 'head', 0 | 1>({
  name: 'push_once',
  keys: ['queue', 'pushed'],
  args: ['id', 'head'],
  lua: `
if not redis.call('SET', pushed, 1, 'NX', 'EX', 3600) then return 0 end
redis.call(head == '1' and 'RPUSH' or 'LPUSH', queue, id)
return 1`,
});

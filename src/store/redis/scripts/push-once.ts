import { defineScript } from '../script';

/**
 * Pushes an id unless it has been pushed under this mark before; `head` 1 puts it where it is taken next.
 * A place of the id in `inbox`, that of a dead worker, is given up for it. Replies 1 if it pushed.
 */
export const pushOnce = defineScript<'queue' | 'pushed' | 'inbox', 'id' | 'head', 0 | 1>({
  name: 'push_once',
  keys: ['queue', 'pushed', 'inbox'],
  args: ['id', 'head'],
  lua: `
if not redis.call('SET', pushed, 1, 'NX', 'EX', 3600) then return 0 end
redis.call(head == '1' and 'RPUSH' or 'LPUSH', queue, id)
redis.call('LREM', inbox, -1, id)
return 1`,
});

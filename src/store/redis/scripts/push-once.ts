import { defineScript } from '../script';

/**
 * Pushes an id unless it has been pushed under this mark before; `head` 1 puts it where it is taken next.
 * With `fromInbox` 1 a place of the id in `inbox`, that of the worker that ran it, is given up for it. Replies 1 if it pushed.
 */
export const pushOnce = defineScript<'queue' | 'pushed' | 'inbox', 'id' | 'head' | 'fromInbox', 0 | 1>({
  name: 'push_once',
  keys: ['queue', 'pushed', 'inbox'],
  args: ['id', 'head', 'fromInbox'],
  lua: `
if not redis.call('SET', pushed, 1, 'NX', 'EX', 3600) then return 0 end
redis.call(head == '1' and 'RPUSH' or 'LPUSH', queue, id)
if fromInbox == '1' then redis.call('LREM', inbox, -1, id) end
return 1`,
});

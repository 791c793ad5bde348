import { defineScript } from '../script';
import { DELAY_UNTIL } from './parts';

/**
 * As `push_once`, of an id that is due later: it waits beside the queue until then (`due`, in epoch milliseconds). Replies 1
 * if it was put there.
 */
export const delayOnce = defineScript<'delayed' | 'pushed' | 'inbox', 'id' | 'fromInbox' | 'due' | 'wake', 0 | 1>({
  name: 'delay_once',
  keys: ['delayed', 'pushed', 'inbox'],
  args: ['id', 'fromInbox', 'due', 'wake'],
  lua: `${DELAY_UNTIL}
if not redis.call('SET', pushed, 1, 'NX', 'EX', 3600) then return 0 end
delayUntil(delayed, wake, due, id)
if fromInbox == '1' then redis.call('LREM', inbox, -1, id) end
return 1`,
});

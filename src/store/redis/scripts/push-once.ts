import { defineScript } from '../script';
import { NOW } from './parts';
import { PRIORITIZE } from './prioritize';

/**
 * Pushes an id unless it has been pushed under this mark before; `head` 1 puts it where it is taken next.
 * With `fromInbox` 1 a place of the id in `inbox`, that of the worker that ran it, is given up for it. Who waits elsewhere is told on
 * `wake`, where one is given. Replies 1 if it pushed.
 */
export const pushOnce = defineScript<'queue' | 'pushed' | 'inbox', 'id' | 'head' | 'fromInbox' | 'wake', 0 | 1>({
  name: 'push_once',
  keys: ['queue', 'pushed', 'inbox'],
  args: ['id', 'head', 'fromInbox', 'wake'],
  lua: `
if not redis.call('SET', pushed, 1, 'NX', 'EX', 3600) then return 0 end
redis.call(head == '1' and 'RPUSH' or 'LPUSH', queue, id)
if fromInbox == '1' then redis.call('LREM', inbox, -1, id) end
if wake ~= '' then redis.call('PUBLISH', wake, '') end
return 1`,
});

/** As `push_once`, of an id that waits by its priority, `levels` after the usual one (negative: before). */
export const prioritizeOnce = defineScript<'prioritized' | 'pushed', 'id' | 'levels' | 'wake', 0 | 1>({
  name: 'prioritize_once',
  keys: ['prioritized', 'pushed'],
  args: ['id', 'levels', 'wake'],
  lua: `${NOW}${PRIORITIZE}
if not redis.call('SET', pushed, 1, 'NX', 'EX', 3600) then return 0 end
prioritize(prioritized, levels, id)
redis.call('PUBLISH', wake, '')
return 1`,
});

import type { ControlStep } from '../control-step';
import { defineScript } from '../script';
import { REMOVE_TASK } from './parts';

/**
 * Stores the intent to remove a running task; deletes any other, whose place in the queue is then one to be used up, unless it
 * was `withdrawn` (1; empty: not tried).
 */
export const remove = defineScript<'key', 'control' | 'withdrawn', ControlStep>({
  name: 'remove',
  keys: ['key'],
  args: ['control', 'withdrawn'],
  lua: `${REMOVE_TASK}
local found = redis.call('HMGET', key, 'task', 'state', 'skip', 'push', 'due', 'queue', 'priority', 'unique')
local queue, priority = found[6] or '', found[7] or ''
if not found[1] and not found[2] then return { 'missing', '', '' } end
local state = found[2] or 'WAIT'
if state == 'RUNNING' then
  redis.call('HSET', key, 'control', 'remove')
  redis.call('PUBLISH', control, 'stop')
  return { 'requested', queue, priority }
end
if state == 'WAIT' and found[4] then return { 'owed', queue, priority, found[4] } end
if state == 'WAIT' and (found[5] or found[7]) and withdrawn == '' then return { 'waits beside', queue, priority } end
local places = (tonumber(found[3]) or 0) + (state == 'WAIT' and withdrawn ~= '1' and 1 or 0)
removeTask(key, places > 0 and places)
return { 'done', queue, priority, found[8] or '' }`,
});

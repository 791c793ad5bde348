import type { ControlStep } from '../control-step';
import { defineScript } from '../script';
import { IN_STATES, REMOVE_TASK } from './parts';

/**
 * Stores the intent to remove a running task; deletes any other, whose place in the queue is then one to be used up, unless it
 * was `withdrawn` (1) from where it waited for the time `due`. The rest are the states in which this is wanted.
 */
export const remove = defineScript<'key', 'control' | 'withdrawn' | 'due', ControlStep>({
  name: 'remove',
  keys: ['key'],
  args: ['control', 'withdrawn', 'due'],
  lua: `${IN_STATES}${REMOVE_TASK}
local found = redis.call('HMGET', key, 'task', 'state', 'skip', 'push', 'due')
if not found[1] and not found[2] then return { 'missing' } end
local state = found[2] or 'WAIT'
if not isIn(state, 4) then return { 'unchanged' } end
if state == 'RUNNING' then
  redis.call('HSET', key, 'control', 'remove')
  redis.call('PUBLISH', control, 'stop')
  return { 'requested' }
end
if state == 'WAIT' and found[4] then return { 'owed', found[4] } end
if state == 'WAIT' and found[5] and found[5] ~= due then return { 'delayed', found[5] } end
local hasPlace = state == 'WAIT' and not (found[5] and withdrawn == '1')
local places = (tonumber(found[3]) or 0) + (hasPlace and 1 or 0)
removeTask(key, places > 0 and places)
return { 'done' }`,
});

import type { ControlStep } from '../control-step';
import { defineScript } from '../script';
import { IN_STATES, STOP_TASK } from './parts';

/**
 * Stores the intent to stop; stops a waiting task at once, whose place in the queue is then one to be used up, unless it was
 * `withdrawn` (1) from where it waited for the time `due`. The rest are the states in which this is wanted.
 */
export const requestStop = defineScript<'key', 'control' | 'listed' | 'withdrawn' | 'due', ControlStep>({
  name: 'request_stop',
  keys: ['key'],
  args: ['control', 'listed', 'withdrawn', 'due'],
  lua: `${IN_STATES}${STOP_TASK}
local found = redis.call('HMGET', key, 'task', 'state', 'control', 'skip', 'push', 'due')
if not found[1] and not found[2] then return { 'missing' } end
local state = found[2] or 'WAIT'
if not isIn(state, 5) then return { 'unchanged' } end
if state == 'RUNNING' then
  if found[3] ~= 'remove' then redis.call('HSET', key, 'control', 'stop') end
  redis.call('PUBLISH', control, 'stop')
  return { 'requested' }
end
if state ~= 'WAIT' then return { 'unchanged' } end
if found[5] then return { 'owed', found[5] } end
if listed == '0' then return { 'unlisted' } end
if found[6] and found[6] ~= due then return { 'delayed', found[6] } end
if not found[6] or withdrawn ~= '1' then redis.call('HSET', key, 'skip', (tonumber(found[4]) or 0) + 1) end
stopTask(key)
return { 'done' }`,
});

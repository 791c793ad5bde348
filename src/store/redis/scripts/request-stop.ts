import type { ControlStep } from '../control-step';
import { defineScript } from '../script';
import { BESIDE, IN_STATES, STOP_TASK } from './parts';
import { MATCH_WITHDRAWN, SKIPS } from './skips';

/**
 * Stores the intent to stop; stops a waiting task at once, whose place in the queue is then one to be used up, unless it was
 * `withdrawn` (1) from where it waited, for which `beside` stands. The rest are the states in which this is wanted.
 */
export const requestStop = defineScript<'key', 'control' | 'listed' | 'withdrawn' | 'beside' | 'from', ControlStep>({
  name: 'request_stop',
  keys: ['key'],
  args: ['control', 'listed', 'withdrawn', 'beside', 'from'],
  lua: `${IN_STATES}${STOP_TASK}${BESIDE}${SKIPS}${MATCH_WITHDRAWN}
local found = redis.call('HMGET', key, 'task', 'state', 'control', 'skip', 'push', 'due', 'queue', 'priority')
local queue, priority = found[7] or '', found[8] or ''
local skip
skip, beside = matchWithdrawn(key, found[4], from, withdrawn, beside)
if not found[1] and not found[2] then return { 'missing', '', '' } end
local state = found[2] or 'WAIT'
if not isIn(state, 5) then return { 'unchanged', queue, priority } end
if state == 'RUNNING' then
  if found[3] ~= 'remove' then redis.call('HSET', key, 'control', 'stop') end
  redis.call('PUBLISH', control, 'stop')
  return { 'requested', queue, priority }
end
if state ~= 'WAIT' then return { 'unchanged', queue, priority } end
if found[5] then return { 'owed', queue, priority, found[5] } end
if listed == '0' then return { 'unlisted', queue, priority } end
local waits = besideOf(found[6], found[8])
if waits and waits ~= beside then return { 'waits beside', queue, priority, waits } end
if not waits or withdrawn ~= '1' then changeSkips(key, skip, queue, 1) end
stopTask(key)
return { 'done', queue, priority }`,
});

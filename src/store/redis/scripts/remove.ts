import type { ControlStep } from '../control-step';
import { defineScript } from '../script';
import { BESIDE, IN_STATES, REMOVE_TASK } from './parts';
import { MATCH_WITHDRAWN, SKIPS } from './skips';

/**
 * Stores the intent to remove a running task; deletes any other, whose place in the queue is then one to be used up, unless it
 * was `withdrawn` (1) from where it waited, for which `beside` stands. The rest are the states in which this is wanted.
 */
export const remove = defineScript<'key', 'control' | 'withdrawn' | 'beside' | 'from', ControlStep>({
  name: 'remove',
  keys: ['key'],
  args: ['control', 'withdrawn', 'beside', 'from'],
  lua: `${IN_STATES}${REMOVE_TASK}${BESIDE}${SKIPS}${MATCH_WITHDRAWN}
local found = redis.call('HMGET', key, 'task', 'state', 'skip', 'push', 'due', 'queue', 'priority', 'unique',
  'logged')
local queue, priority = found[6] or '', found[7] or ''
local skip
skip, beside = matchWithdrawn(key, found[3], from, withdrawn, beside)
if not found[1] and not found[2] then return { 'missing', '', '' } end
local state = found[2] or 'WAIT'
if not isIn(state, 4) then return { 'unchanged', queue, priority } end
if state == 'RUNNING' then
  redis.call('HSET', key, 'control', 'remove')
  redis.call('PUBLISH', control, 'stop')
  return { 'requested', queue, priority }
end
if state == 'WAIT' and found[4] then return { 'owed', queue, priority, found[4] } end
local waits = besideOf(found[5], found[7])
if state == 'WAIT' and waits and waits ~= beside then return { 'waits beside', queue, priority, waits } end
if state == 'WAIT' and not (waits and withdrawn == '1') then changeSkips(key, skip, queue, 1) end
removeTask(key, redis.call('HGET', key, 'skip'))
return { 'done', queue, priority, found[8] or '', found[9] and 1 or 0 }`,
});

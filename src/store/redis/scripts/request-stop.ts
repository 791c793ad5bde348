import type { ControlStep } from '../control-step';
import { defineScript } from '../script';
import { STOP_TASK } from './parts';
import { MATCH_WITHDRAWN, SKIPS } from './skips';

/**
 * Stores the intent to stop; stops a waiting task at once, whose place in the queue is then one to be used up, unless it was
 * `withdrawn` (1; empty: not tried).
 */
export const requestStop = defineScript<'key', 'control' | 'listed' | 'withdrawn' | 'from', ControlStep>({
  name: 'request_stop',
  keys: ['key'],
  args: ['control', 'listed', 'withdrawn', 'from'],
  lua: `${STOP_TASK}${SKIPS}${MATCH_WITHDRAWN}
local found = redis.call('HMGET', key, 'task', 'state', 'control', 'skip', 'push', 'due', 'queue', 'priority')
local queue, priority = found[7] or '', found[8] or ''
local skip
skip, withdrawn = matchWithdrawn(key, found[4], from, withdrawn)
if not found[1] and not found[2] then return { 'missing', '', '' } end
local state = found[2] or 'WAIT'
if state == 'RUNNING' then
  if found[3] ~= 'remove' then redis.call('HSET', key, 'control', 'stop') end
  redis.call('PUBLISH', control, 'stop')
  return { 'requested', queue, priority }
end
if state ~= 'WAIT' then return { 'unchanged', queue, priority } end
if found[5] then return { 'owed', queue, priority, found[5] } end
if listed == '0' then return { 'unlisted', queue, priority } end
if (found[6] or found[8]) and withdrawn == '' then return { 'waits beside', queue, priority } end
if (tonumber(withdrawn) or 0) == 0 then changeSkips(key, skip, queue, 1) end
stopTask(key)
return { 'done', queue, priority }`,
});

import type { ControlStep } from '../control-step';
import { defineScript } from '../script';
import { REMOVE_TASK } from './parts';
import { MATCH_WITHDRAWN, SKIPS } from './skips';

/**
 * Stores the intent to remove a running task; deletes any other, whose place in the queue is then one to be used up, unless it
 * was `withdrawn` (1; empty: not tried).
 */
export const remove = defineScript<'key', 'control' | 'withdrawn' | 'from', ControlStep>({
  name: 'remove',
  keys: ['key'],
  args: ['control', 'withdrawn', 'from'],
  lua: `${REMOVE_TASK}${SKIPS}${MATCH_WITHDRAWN}
local found = redis.call('HMGET', key, 'task', 'state', 'skip', 'push', 'due', 'queue', 'priority')
local queue, priority = found[6] or '', found[7] or ''
local skip
skip, withdrawn = matchWithdrawn(key, found[3], from, withdrawn)
if not found[1] and not found[2] then return { 'missing', '', '' } end
local state = found[2] or 'WAIT'
if state == 'RUNNING' then
  redis.call('HSET', key, 'control', 'remove')
  redis.call('PUBLISH', control, 'stop')
  return { 'requested', queue, priority }
end
if state == 'WAIT' and found[4] then return { 'owed', queue, priority, found[4] } end
if state == 'WAIT' and (found[5] or found[7]) and withdrawn == '' then return { 'waits beside', queue, priority } end
if state == 'WAIT' and (tonumber(withdrawn) or 0) == 0 then changeSkips(key, skip, queue, 1) end
removeTask(key, redis.call('HGET', key, 'skip'))
return { 'done', queue, priority }`,
});

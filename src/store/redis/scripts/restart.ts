import type { ControlStep } from '../control-step';
import { defineScript } from '../script';
import { IN_STATES, NOW } from './parts';

/**
 * Makes an ended or stopped task wait again; it is then to be pushed, once under `token`. Reloads a running one. The rest
 * are the states in which this is wanted.
 */
export const restart = defineScript<'key', 'control' | 'token' | 'listed', ControlStep>({
  name: 'restart',
  keys: ['key'],
  args: ['control', 'token', 'listed'],
  lua: `${IN_STATES}${NOW}
local found = redis.call('HMGET', key, 'task', 'state', 'control', 'lease', 'push', 'created', 'unknown_since', 'queue',
  'priority', 'due')
local queue, priority = found[8] or '', found[9] or ''
if not found[1] and not found[2] then return { 'missing', '', '' } end
local state = found[2] or 'WAIT'
if not isIn(state, 4) then return { 'unchanged', queue, priority } end
if state == 'RUNNING' then
  if not found[3] then redis.call('HSET', key, 'control', 'reload') end
  redis.call('PUBLISH', control, 'reload')
  return { 'requested', queue, priority }
end
if state == 'WAIT' and found[5] then return { 'owed', queue, priority, found[5] } end
-- A worker has met it: its push was not lost. One that waits for its time may have been taken out of there, to no end.
if state == 'WAIT' and (found[4] or found[7]) and not found[10] then return { 'unchanged', queue, priority } end
if state == 'WAIT' then return { 'enqueued', queue, priority, (found[6] or '') .. ':' .. (found[10] or '') } end
if listed == '0' then return { 'unlisted', queue, priority } end
redis.call('HDEL', key, 'output', 'attempt', 'ended', 'control', 'progress', 'last_update', 'crashes', 'kept', 'unknown_since',
  'due', 'failures', 'errors', 'deadline', 'attempt_trace')
redis.call('PERSIST', key)
redis.call('HSET', key, 'state', 'WAIT', 'lease', token, 'push', token, 'restarted', now)
redis.call('PUBLISH', key, '{"event":"requeue","data":null}')
return { 'done', queue, priority }`,
});

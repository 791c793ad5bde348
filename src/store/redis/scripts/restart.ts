import type { ControlReply } from '../../../task/control';
import { defineScript } from '../script';

/** Stands for the token of a task that waits since it was enqueued: no run has given it one. */
export const ENQUEUED = 'enqueued';

/**
 * Makes an ended or stopped task wait again, under `token`. The rest are the states in which this is wanted.
 * Replies `[reply, token]`; with a token the id is still to be put into the queue, once under it.
 */
export const restart = defineScript<'key', 'control' | 'token', [reply: ControlReply, token: string]>({
  name: 'restart',
  keys: ['key'],
  args: ['control', 'token'],
  lua: `
local found = redis.call('HMGET', key, 'task', 'state', 'control', 'lease')
if not found[1] and not found[2] then return { 'missing', '' } end
local state = found[2] or 'WAIT'
local wanted = false
for i = 3, #ARGV do wanted = wanted or ARGV[i] == state end
if not wanted then return { 'unchanged', '' } end
if state == 'RUNNING' then
  if not found[3] then redis.call('HSET', key, 'control', 'reload') end
  redis.call('PUBLISH', control, 'reload')
  return { 'requested', '' }
end
if state == 'WAIT' then return { 'unchanged', found[4] or '${ENQUEUED}' } end
redis.call('HDEL', key, 'output', 'attempt', 'ended', 'control', 'progress', 'last_update')
redis.call('PERSIST', key)
redis.call('HSET', key, 'state', 'WAIT', 'lease', token)
redis.call('PUBLISH', key, '{"event":"requeue","data":null}')
return { 'done', token }`,
});

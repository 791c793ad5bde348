import type { ControlReply } from '../../../task/control';
import { defineScript } from '../script';

/** Stores the intent to stop, or stops a waiting task at once. Replies as `ControlReply`. */
export const requestStop = defineScript<'key', 'control', ControlReply>({
  name: 'request_stop',
  keys: ['key'],
  args: ['control'],
  lua: `
local found = redis.call('HMGET', key, 'task', 'state', 'control', 'skip')
if not found[1] and not found[2] then return 'missing' end
local state = found[2] or 'WAIT'
if state == 'RUNNING' then
  if found[3] ~= 'remove' then redis.call('HSET', key, 'control', 'stop') end
  redis.call('PUBLISH', control, 'stop')
  return 'requested'
elseif state == 'WAIT' then
  redis.call('HSET', key, 'state', 'STOPPED')
  redis.call('HSET', key, 'skip', (tonumber(found[4]) or 0) + 1)
  redis.call('HDEL', key, 'lease')
  redis.call('PUBLISH', key, '{"event":"stop","data":null}')
  return 'done'
end
return 'unchanged'`,
});

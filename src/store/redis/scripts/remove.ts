import type { ControlReply } from '../../../task/control';
import { defineScript } from '../script';

/** Stores the intent to remove a running task; deletes any other. Replies as `ControlReply`. */
export const remove = defineScript<'key', 'control', ControlReply>({
  name: 'remove',
  keys: ['key'],
  args: ['control'],
  lua: `
local found = redis.call('HMGET', key, 'task', 'state', 'skip')
if not found[1] and not found[2] then return 'missing' end
local state = found[2] or 'WAIT'
if state == 'RUNNING' then
  redis.call('HSET', key, 'control', 'remove')
  redis.call('PUBLISH', control, 'stop')
  return 'requested'
end
local places = (tonumber(found[3]) or 0) + (state == 'WAIT' and 1 or 0)
redis.call('DEL', key)
if places > 0 then redis.call('HSET', key, 'skip', places) end
redis.call('PUBLISH', key, '{"event":"remove","data":null}')
return 'done'`,
});

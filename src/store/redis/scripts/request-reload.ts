import type { ControlReply } from '../../../task/control';
import { defineScript } from '../script';

/** Stores the intent to reload a running task. Replies as `ControlReply`. */
export const requestReload = defineScript<'key', 'control', ControlReply>({
  name: 'request_reload',
  keys: ['key'],
  args: ['control'],
  lua: `
local found = redis.call('HMGET', key, 'task', 'state', 'control')
if not found[1] and not found[2] then return 'missing' end
if found[2] ~= 'RUNNING' then return 'unchanged' end
if not found[3] then redis.call('HSET', key, 'control', 'reload') end
redis.call('PUBLISH', control, 'reload')
return 'requested'`,
});

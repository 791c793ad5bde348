import { defineScript } from '../script';

/**
 * Writes a schedule that is due at `nextMs` (empty: never). One that is there as `text` keeps its time; a paused one gets none.
 * Replies what it did.
 */
export const putSchedule = defineScript<
  'schedules' | 'due' | 'state',
  'name' | 'text' | 'nextMs',
  'created' | 'changed' | 'unchanged'
>({
  name: 'put_schedule',
  keys: ['schedules', 'due', 'state'],
  args: ['name', 'text', 'nextMs'],
  lua: `
local before = redis.call('HGET', schedules, name)
local changed = before ~= text
if changed then
  redis.call('HSET', schedules, name, text)
  redis.call('ZREM', due, name)
end
local waits = nextMs ~= '' and redis.call('HEXISTS', state, 'paused:' .. name) == 0
if waits and (changed or not redis.call('ZSCORE', due, name)) then redis.call('ZADD', due, nextMs, name) end
return not before and 'created' or changed and 'changed' or 'unchanged'`,
});

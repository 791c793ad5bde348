import { defineScript } from '../script';

/** Removes a schedule, if it is still `text` (empty: whatever it is). Replies 1 if it did. */
export const removeSchedule = defineScript<'schedules' | 'due' | 'state', 'name' | 'text', 0 | 1>({
  name: 'remove_schedule',
  keys: ['schedules', 'due', 'state'],
  args: ['name', 'text'],
  lua: `
if text ~= '' and redis.call('HGET', schedules, name) ~= text then return 0 end
redis.call('ZREM', due, name)
redis.call('HDEL', state, 'paused:' .. name, 'last:' .. name, 'last-id:' .. name, 'skipped:' .. name)
return redis.call('HDEL', schedules, name)`,
});

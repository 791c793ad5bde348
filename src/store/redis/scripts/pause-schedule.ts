import { defineScript } from '../script';

/** Takes a schedule's next time away, and notes that it is paused. Replies 1, or 0 where there is none of this name. */
export const pauseSchedule = defineScript<'schedules' | 'due' | 'state', 'name', 0 | 1>({
  name: 'pause_schedule',
  keys: ['schedules', 'due', 'state'],
  args: ['name'],
  lua: `
if redis.call('HEXISTS', schedules, name) == 0 then return 0 end
redis.call('HSET', state, 'paused:' .. name, 1)
redis.call('ZREM', due, name)
return 1`,
});

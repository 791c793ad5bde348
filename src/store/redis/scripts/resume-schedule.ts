import { defineScript } from '../script';

/**
 * Gives a paused schedule a time again (empty: none is left); one that is not paused keeps its own. Replies 1, or 0 where it is
 * not `text` any more.
 */
export const resumeSchedule = defineScript<'schedules' | 'due' | 'state', 'name' | 'text' | 'nextMs', 0 | 1>({
  name: 'resume_schedule',
  keys: ['schedules', 'due', 'state'],
  args: ['name', 'text', 'nextMs'],
  lua: `
if redis.call('HGET', schedules, name) ~= text then return 0 end
if redis.call('HDEL', state, 'paused:' .. name) == 0 or nextMs == '' then return 1 end
redis.call('ZADD', due, nextMs, name)
return 1`,
});

import { defineScript } from '../script';

/** Notes when a waiting task is due, in epoch milliseconds. Replies 1, or 0 where it does not wait any more. */
export const setDue = defineScript<'key', 'due', 0 | 1>({
  name: 'set_due',
  keys: ['key'],
  args: ['due'],
  lua: `
if redis.call('HGET', key, 'state') ~= 'WAIT' then return 0 end
redis.call('HSET', key, 'due', due)
return 1`,
});

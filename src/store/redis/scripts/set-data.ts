import { defineScript } from '../script';

/** Replaces the stored input. Replies 1, or 0 where there is no such task. */
export const setData = defineScript<'key', 'data', 0 | 1>({
  name: 'set_data',
  keys: ['key'],
  args: ['data'],
  lua: `
if redis.call('HEXISTS', key, 'task') == 0 then return 0 end
redis.call('HSET', key, 'data', data)
return 1`,
});

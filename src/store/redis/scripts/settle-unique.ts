import { defineScript } from '../script';

/** Notes that the task of the claim with this token has been written, so that its window holds once it is gone. Replies 1 if the key is still its own. */
export const settleUnique = defineScript<'unique', 'token', 0 | 1>({
  name: 'settle_unique',
  keys: ['unique'],
  args: ['token'],
  lua: `
if redis.call('HGET', unique, 'token') ~= token then return 0 end
redis.call('HSET', unique, 'settled', 1)
return 1`,
});

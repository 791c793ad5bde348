import { defineScript } from '../script';
import { NOW } from './parts';

/**
 * Gives a key to a new claim, if it is still that of the token `expected` (empty: nobody's). It is remembered for `windowMs`
 * although the task is over. Replies 1, or 0 where somebody was faster.
 */
export const claimUnique = defineScript<'unique', 'expected' | 'id' | 'token' | 'windowMs', 0 | 1>({
  name: 'claim_unique',
  keys: ['unique'],
  args: ['expected', 'id', 'token', 'windowMs'],
  lua: `${NOW}
local current = redis.call('HGET', unique, 'token') or ''
-- Repeated, as the reply was lost.
if current == token then return 1 end
if current ~= expected then return 0 end
redis.call('DEL', unique)
redis.call('HSET', unique, 'id', id, 'token', token, 'at', now, 'window', windowMs)
return 1`,
});

import { defineScript } from '../script';
import { DUE_OF, NOW } from './parts';

/**
 * Gives the task of a claim another input, and where a time is told also that, and a deadline as `dueOf` takes it (empty: none), if it
 * waits. Replies 1, or 0: it does not.
 */
export const replaceUnique = defineScript<'key', 'claim' | 'data' | 'due' | 'deadline', 0 | 1>({
  name: 'replace_unique',
  keys: ['key'],
  args: ['claim', 'data', 'due', 'deadline'],
  lua: `${NOW}${DUE_OF}
local found = redis.call('HMGET', key, 'unique', 'state')
if found[1] ~= claim or found[2] ~= 'WAIT' then return 0 end
redis.call('HSET', key, 'data', data)
if due == '' then return 1 end
redis.call('HSET', key, 'due', due)
if deadline == '' then redis.call('HDEL', key, 'deadline') else redis.call('HSET', key, 'deadline', dueOf(deadline)) end
return 1`,
});

import { defineScript } from '../script';

/** Gives the task of a claim another input, and another time where one is told, if it waits. Replies 1, or 0: it does not. */
export const replaceUnique = defineScript<'key', 'claim' | 'data' | 'due', 0 | 1>({
  name: 'replace_unique',
  keys: ['key'],
  args: ['claim', 'data', 'due'],
  lua: `
local found = redis.call('HMGET', key, 'unique', 'state')
if found[1] ~= claim or found[2] ~= 'WAIT' then return 0 end
redis.call('HSET', key, 'data', data)
if due ~= '' then redis.call('HSET', key, 'due', due) end
return 1`,
});

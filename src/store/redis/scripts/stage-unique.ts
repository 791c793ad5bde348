import { defineScript } from '../script';

/**
 * Lays down what a new task is to be, for whoever sees that it gets its key: the rest are fields and values, as rows of
 * `enqueue` have them. Gone after `stagedMs`. Replies 1, or 0 where a task of this id, unless it is `fresh` (1), waits or runs.
 */
export const stageUnique = defineScript<'key' | 'staged', 'fresh' | 'stagedMs', 0 | 1>({
  name: 'stage_unique',
  keys: ['key', 'staged'],
  args: ['fresh', 'stagedMs'],
  lua: `
local found = fresh == '1' and {} or redis.pcall('HMGET', key, 'task', 'state')
if found.err then return 0 end
local state = found[2] or 'WAIT'
if found[1] and (state == 'WAIT' or state == 'RUNNING') then return 0 end
redis.call('HSET', staged, unpack(ARGV, 3))
redis.call('PEXPIRE', staged, stagedMs)
return 1`,
});

import { defineScript } from '../script';
import { NOW } from './parts';

/**
 * Moves a schedule from the time `dueMs` on to `nextMs` (empty: none is left), if it is still `text` and due then. In the same step
 * what is skipped is noted (empty: nothing), and each firing as owed and claimed for `claimMs`: the rest are triples of its id, its
 * time and the task. Replies when the claims end, or 0 where somebody else was first.
 */
export const advanceSchedule = defineScript<
  'schedules' | 'due' | 'state' | 'owed' | 'claims',
  'name' | 'text' | 'dueMs' | 'nextMs' | 'skippedMs' | 'claimMs',
  number
>({
  name: 'advance_schedule',
  keys: ['schedules', 'due', 'state', 'owed', 'claims'],
  args: ['name', 'text', 'dueMs', 'nextMs', 'skippedMs', 'claimMs'],
  lua: `${NOW}
if redis.call('HGET', schedules, name) ~= text then return 0 end
local isDue = redis.call('ZSCORE', due, name)
if not isDue or tonumber(isDue) ~= tonumber(dueMs) then return 0 end
if nextMs == '' then redis.call('ZREM', due, name) else redis.call('ZADD', due, nextMs, name) end
if skippedMs ~= '' then redis.call('HSET', state, 'skipped:' .. name, skippedMs) end
local claimEndsMs = now + claimMs
for i = 7, #ARGV, 3 do
  redis.call('HSET', owed, ARGV[i], ARGV[i + 2])
  redis.call('ZADD', claims, claimEndsMs, ARGV[i])
  redis.call('HSET', state, 'last:' .. name, ARGV[i + 1], 'last-id:' .. name, ARGV[i])
end
return claimEndsMs`,
});

import { defineScript } from '../script';
import { NOW } from './parts';

/**
 * Gives up places in an inbox. The rest are pairs of id and delay: an id with a delay of 0 ms or more is due in its
 * queue again after it, one with -1 is settled. Replies how many places were given up.
 */
export const release = defineScript<'inbox' | 'delayed', never, number>({
  name: 'release',
  keys: ['inbox', 'delayed'],
  args: [],
  lua: `${NOW}
-- Mostly the oldest are given up, in their order: then nothing has to be searched.
local count = #ARGV / 2
local oldest = redis.call('LRANGE', inbox, -count, -1)
local same = #oldest == count
for i = 1, count do same = same and oldest[count - i + 1] == ARGV[2 * i - 1] and ARGV[2 * i] == '-1' end
if same then
  redis.call('LTRIM', inbox, 0, -count - 1)
  return count
end
local released = 0
for i = 1, #ARGV, 2 do
  local delay = tonumber(ARGV[i + 1])
  -- From the right, where the oldest are: those are settled first.
  local removed = redis.call('LREM', inbox, -1, ARGV[i])
  released = released + removed
  -- Not when it is repeated: the place may be elsewhere by now.
  if delay >= 0 and removed == 1 then redis.call('ZADD', delayed, now + delay, ARGV[i]) end
end
return released`,
});

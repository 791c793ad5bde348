import { defineScript } from '../script';
import { NOW } from './parts';

/**
 * Lua: gives up the places of an inbox that the arguments tell of from `first` on, in pairs of id and delay; answers how
 * many there were.
 */
export const GIVE_UP_PLACES = `
local function giveUpPlaces(first)
  -- Mostly the oldest are given up, in their order: then nothing has to be searched.
  local count = (#ARGV - first + 1) / 2
  if count == 0 then return 0 end
  local oldest = redis.call('LRANGE', inbox, -count, -1)
  local same = #oldest == count
  for i = 1, count do same = same and oldest[count - i + 1] == ARGV[first + 2 * i - 2] and ARGV[first + 2 * i - 1] == '-1' end
  if same then
    redis.call('LTRIM', inbox, 0, -count - 1)
    return count
  end
  local released = 0
  for i = first, #ARGV, 2 do
    local delay = tonumber(ARGV[i + 1])
    -- From the right, where the oldest are: those are settled first.
    local removed = redis.call('LREM', inbox, -1, ARGV[i])
    released = released + removed
    -- Not when it is repeated: the place may be elsewhere by now.
    if delay >= 0 and removed == 1 then redis.call('ZADD', delayed, now + delay, ARGV[i]) end
  end
  return released
end`;

/**
 * Gives up places in an inbox. The rest are pairs of id and delay: an id with a delay of 0 ms or more is due in its
 * queue again after it, one with -1 is settled. Replies how many places were given up.
 */
export const release = defineScript<'inbox' | 'delayed', never, number>({
  name: 'release',
  keys: ['inbox', 'delayed'],
  args: [],
  lua: `${NOW}${GIVE_UP_PLACES}
return giveUpPlaces(1)`,
});

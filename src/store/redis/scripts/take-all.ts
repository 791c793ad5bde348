import { defineScript } from '../script';
import { NOW } from './parts';

/**
 * Moves ids that wait in a queue, paused or not, to a worker's inbox; where `withDelayed` is 1 also those that wait for their time.
 * Replies them.
 */
export const takeAll = defineScript<
  'queue' | 'inbox' | 'workers' | 'prioritized' | 'delayed' | 'levels',
  'worker' | 'limit' | 'keepMs' | 'withDelayed',
  string[]
>({
  name: 'take_all',
  keys: ['queue', 'inbox', 'workers', 'prioritized', 'delayed', 'levels'],
  args: ['worker', 'limit', 'keepMs', 'withDelayed'],
  lua: `${NOW}
redis.call('ZADD', workers, now + keepMs, worker)
redis.call('PERSIST', workers)
local ids = redis.call('RPOP', queue, limit) or {}
local function pop(times)
  local some = redis.call('ZRANGE', times, 0, limit - #ids - 1)
  if #ids == tonumber(limit) or #some == 0 then return end
  redis.call('ZREM', times, unpack(some))
  redis.call('HDEL', levels, unpack(some))
  for _, id in ipairs(some) do ids[#ids + 1] = id end
end
pop(prioritized)
if withDelayed == '1' then pop(delayed) end
if #ids > 0 then redis.call('LPUSH', inbox, unpack(ids)) end
return ids`,
});

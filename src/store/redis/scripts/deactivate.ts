import { defineScript } from '../script';
import { NOW } from './parts';

/**
 * Takes ids out of the index. The rest are triples: the id; 1 if it stays in the active set; and when the lease of the
 * run that is over lapses at the latest, in epoch milliseconds (0: by now; less: in so
 * many milliseconds, its sign turned). An entry that lapses later is that of a newer
 * run, pushed again in the meantime: nothing of it is touched. Replies how many left the
 * active set.
 */
export const deactivate = defineScript<'active' | 'leases', never, number>({
  name: 'deactivate',
  keys: ['active', 'leases'],
  args: [],
  lua: `${NOW}
local ids, unleased, left = {}, {}, {}
for i = 1, #ARGV, 3 do ids[#ids + 1] = ARGV[i] end
local lapses = redis.call('ZMSCORE', leases, unpack(ids))
for place, id in ipairs(ids) do
  local latest = tonumber(ARGV[3 * place])
  if latest <= 0 then latest = now - latest end
  if tonumber(lapses[place] or 0) <= latest then
    if lapses[place] then unleased[#unleased + 1] = id end
    if ARGV[3 * place - 1] == '0' then left[#left + 1] = id end
  end
end
if #unleased > 0 then redis.call('ZREM', leases, unpack(unleased)) end
if #left > 0 then redis.call('SREM', active, unpack(left)) end
return #left`,
});

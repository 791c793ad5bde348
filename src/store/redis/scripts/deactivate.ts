import { defineScript } from '../script';

/**
 * Takes ids out of the index. The rest are triples: the id; 1 if it stays in the active set; and when the lease of the
 * run that is over lapses at the latest, in epoch milliseconds (0: by now). An entry that lapses later is that of a newer
 * run, pushed again in the meantime: nothing of it is touched. Replies how many were taken out.
 */
export const deactivate = defineScript<'active' | 'leases', never, number>({
  name: 'deactivate',
  keys: ['active', 'leases'],
  args: [],
  lua: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local taken = 0
for i = 1, #ARGV, 3 do
  local latest = tonumber(ARGV[i + 2])
  if latest == 0 then latest = now end
  if tonumber(redis.call('ZSCORE', leases, ARGV[i]) or 0) <= latest then
    redis.call('ZREM', leases, ARGV[i])
    if ARGV[i + 1] == '0' then redis.call('SREM', active, ARGV[i]) end
    taken = taken + 1
  end
end
return taken`,
});

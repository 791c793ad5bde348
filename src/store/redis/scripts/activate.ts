import { defineScript } from '../script';

/** Puts the ids of the rest into the active set, and their leases to lapse after `leaseMs`. Replies their number. */
export const activate = defineScript<'active' | 'leases', 'leaseMs', number>({
  name: 'activate',
  keys: ['active', 'leases'],
  args: ['leaseMs'],
  lua: `
local time = redis.call('TIME')
local lapses = time[1] * 1000 + math.floor(time[2] / 1000) + leaseMs
for i = 2, #ARGV do
  redis.call('SADD', active, ARGV[i])
  redis.call('ZADD', leases, lapses, ARGV[i])
end
return #ARGV - 1`,
});

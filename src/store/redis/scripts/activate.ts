import { defineScript } from '../script';
import { NOW } from './parts';

/** Puts the ids of the rest into the active set, and their leases to lapse after `leaseMs`. Replies their number. */
export const activate = defineScript<'active' | 'leases', 'leaseMs', number>({
  name: 'activate',
  allowOom: true,
  keys: ['active', 'leases'],
  args: ['leaseMs'],
  lua: `${NOW}
local lapses = now + leaseMs
local scored = {}
for i = 2, #ARGV do
  scored[2 * i - 3] = lapses
  scored[2 * i - 2] = ARGV[i]
end
redis.call('SADD', active, unpack(ARGV, 2))
redis.call('ZADD', leases, unpack(scored))
return #ARGV - 1`,
});

import { defineScript } from '../script';
import { NOW } from './parts';

/** Lets the leases of the ids in the rest lapse `leaseMs` from now; ids without an entry have ended, and get none. */
export const renew = defineScript<'leases', 'leaseMs', string[]>({
  name: 'renew',
  allowOom: true,
  keys: ['leases'],
  args: ['leaseMs'],
  lua: `${NOW}
local lapses = now + leaseMs
local missing = {}
for i = 2, #ARGV do
  if redis.call('ZADD', leases, 'XX', 'CH', lapses, ARGV[i]) == 0 then table.insert(missing, ARGV[i]) end
end
return missing`,
});

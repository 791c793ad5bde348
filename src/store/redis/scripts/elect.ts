import { defineScript } from '../script';

/** Takes the lock for `leaseMs` if it is free. Replies 0 then, else how many milliseconds it is another's. */
export const elect = defineScript<'lock', 'worker' | 'leaseMs', number>({
  name: 'elect',
  keys: ['lock'],
  args: ['worker', 'leaseMs'],
  lua: `
if redis.call('SET', lock, worker, 'NX', 'PX', leaseMs) then return 0 end
return math.max(1, redis.call('PTTL', lock))`,
});

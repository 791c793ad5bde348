import { defineScript } from '../script';
import { NOW } from './parts';

/**
 * Puts a worker's taken ids back to the head of their queue, in their old order, if it was silent for too long or leaves
 * (`leaves` 1). The rest are ids of which one place each is given up instead. A dead worker stays registered for an hour:
 * what still lands in its inbox is found then. Replies the ids put back.
 */
export const reapInbox = defineScript<'queue' | 'inbox' | 'workers', 'worker' | 'leaves', string[]>({
  name: 'reap_inbox',
  keys: ['queue', 'inbox', 'workers'],
  args: ['worker', 'leaves'],
  lua: `${NOW}
local ends = tonumber(redis.call('ZSCORE', workers, worker) or 0)
if leaves == '0' and ends >= now then return {} end
for i = 3, #ARGV do redis.call('LREM', inbox, -1, ARGV[i]) end
local ids = redis.call('LRANGE', inbox, 0, -1)
for i = 1, #ids do redis.call('RPUSH', queue, ids[i]) end
redis.call('DEL', inbox)
if leaves == '1' then
  -- It stays for seconds: Redis may still serve a wait of its, when the connection stands without it.
  redis.call('ZADD', workers, now - 3590000, worker)
  -- Of those who have left alone nothing is to stay.
  if redis.call('ZCOUNT', workers, now - 3580000, '+inf') == 0 then redis.call('PEXPIRE', workers, 15000) end
end
if leaves == '0' and ends < now - 3600000 then redis.call('ZREM', workers, worker) end
return ids`,
});

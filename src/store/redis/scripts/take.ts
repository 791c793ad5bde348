import { defineScript } from '../script';
import { NOW } from './parts';

export type TakeReply = [ids: string[], lapsed: 0 | 1, msUntilDue: number, inbox: string[], expiresMs: number];

/**
 * Moves ids from a queue to a worker's inbox, the oldest first, and then delayed ids that are due to the head of the queue.
 * Replies the ids; 1 if the worker had been silent for too long; how many milliseconds until the next delayed id is due
 * (-1: none); the whole inbox if it holds more than the worker knows of (else empty); until when the inbox is its own.
 */
export const take = defineScript<
  'queue' | 'inbox' | 'workers' | 'delayed',
  'worker' | 'limit' | 'keepMs' | 'inHand',
  TakeReply
>({
  name: 'take',
  keys: ['queue', 'inbox', 'workers', 'delayed'],
  args: ['worker', 'limit', 'keepMs', 'inHand'],
  lua: `${NOW}
local before = redis.call('ZSCORE', workers, worker)
-- Who holds nothing has nothing to lose.
local lapsed = tonumber(inHand) > 0 and (not before or tonumber(before) < now) and 1 or 0
redis.call('ZADD', workers, now + keepMs, worker)
redis.call('PERSIST', workers)
if lapsed == 1 then inHand = 0 end
-- What an earlier move lost on the way back comes first: a worker must not hoard what it has no slot for.
local strays = math.max(0, redis.call('LLEN', inbox) - inHand)
local ids = redis.call('RPOP', queue, math.max(0, limit - strays)) or {}
if #ids > 0 then redis.call('LPUSH', inbox, unpack(ids)) end
-- Only now, so that what this worker handed back goes round: those who wait come first.
local due = redis.call('ZRANGE', delayed, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1000)
if #due > 0 then
  redis.call('ZREM', delayed, unpack(due))
  -- Popped from the right: the one due first goes there last.
  for i = #due, 1, -1 do redis.call('RPUSH', queue, due[i]) end
end
local untilDue = -1
if #ids == 0 and #due == 0 then
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  if first[2] then untilDue = math.max(0, math.ceil(tonumber(first[2]) - now)) end
end
local held = strays > 0 and redis.call('LRANGE', inbox, 0, -1) or {}
return { ids, lapsed, untilDue, held, now + keepMs }`,
});

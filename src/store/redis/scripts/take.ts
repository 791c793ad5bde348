import { DEFAULT_PRIORITY } from '../../../task/priority';
import { defineScript } from '../script';
import { NOW } from './parts';
import { PRIORITIZE } from './prioritize';

export type TakeReply = [
  ids: string[],
  lapsed: 0 | 1,
  msUntilDue: number,
  inbox: string[],
  expiresMs: number,
  /** 1: some wait by their priority still; 2: the queue is paused. */
  special: 0 | 1 | 2,
];

/** Lua: those that come before the list first, then the list, then the rest; up to `room`. */
const POP = `
local function pop(room)
  local ids = {}
  local function popPrioritized(from, to)
    local some = redis.call('ZRANGE', prioritized, from, to, 'BYSCORE', 'LIMIT', 0, room - #ids)
    if #some > 0 then redis.call('ZREM', prioritized, unpack(some)) end
    for _, id in ipairs(some) do ids[#ids + 1] = id end
  end
  local since = headSinceMs == '' and now or tonumber(headSinceMs)
  popPrioritized('-inf', since)
  for _, id in ipairs(redis.call('RPOP', queue, room - #ids) or {}) do ids[#ids + 1] = id end
  popPrioritized('-inf', '+inf')
  return ids
end`;

/** Lua: moves ids that are due to the head of the queue, or to where their priority wants them; answers how many. */
const PROMOTE = `
local function promote()
  local due = redis.call('ZRANGE', delayed, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1000)
  if #due == 0 then return 0 end
  redis.call('ZREM', delayed, unpack(due))
  local priorities = redis.call('HMGET', levels, unpack(due))
  -- Popped from the right: the one due first goes there last.
  for i = #due, 1, -1 do
    if priorities[i] then
      prioritize(prioritized, priorities[i] - ${DEFAULT_PRIORITY}, due[i], i)
      redis.call('HDEL', levels, due[i])
    else
      redis.call('RPUSH', queue, due[i])
    end
  end
  return #due
end`;

/**
 * Moves ids from a queue to a worker's inbox, the oldest first, and then delayed ids that are due to the head of the queue.
 * Those of a priority are taken as if they had been enqueued earlier or later: `headSinceMs` is when the head of the list was (empty:
 * not known, just now).
 * Replies the ids; 1 if the worker had been silent for too long; how many milliseconds until there is more to take, where that is known
 * (else -1); the whole inbox if it holds more than the worker knows of (else empty); until when the inbox is its own; and what is
 * special about the queue.
 */
export const take = defineScript<
  'queue' | 'inbox' | 'workers' | 'delayed' | 'prioritized' | 'levels' | 'paused',
  'worker' | 'limit' | 'keepMs' | 'inHand' | 'headSinceMs',
  TakeReply
>({
  name: 'take',
  keys: ['queue', 'inbox', 'workers', 'delayed', 'prioritized', 'levels', 'paused'],
  args: ['worker', 'limit', 'keepMs', 'inHand', 'headSinceMs'],
  lua: `${NOW}${PRIORITIZE}${POP}${PROMOTE}
local before = redis.call('ZSCORE', workers, worker)
-- Who holds nothing has nothing to lose.
local lapsed = tonumber(inHand) > 0 and (not before or tonumber(before) < now) and 1 or 0
redis.call('ZADD', workers, now + keepMs, worker)
redis.call('PERSIST', workers)
if lapsed == 1 then inHand = 0 end
-- What an earlier move lost on the way back comes first: a worker must not hoard what it has no slot for.
local strays = math.max(0, redis.call('LLEN', inbox) - inHand)
local special = redis.call('EXISTS', prioritized, paused)
local function held() return strays > 0 and redis.call('LRANGE', inbox, 0, -1) or {} end
if special > 0 and redis.call('EXISTS', paused) == 1 then return { {}, lapsed, -1, held(), now + keepMs, 2 } end
local room = math.max(0, limit - strays)
local ids = special == 0 and (redis.call('RPOP', queue, room) or {}) or pop(room)
if #ids > 0 then redis.call('LPUSH', inbox, unpack(ids)) end
-- Only now, so that what this worker handed back goes round: those who wait come first.
local promoted = promote()
local untilDue = -1
if #ids == 0 and promoted == 0 then
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  if first[2] then untilDue = math.max(0, math.ceil(tonumber(first[2]) - now)) end
end
if special == 1 or promoted > 0 then special = redis.call('EXISTS', prioritized) end
-- Those in the list end a wait by themselves, and whoever waits longest gets them.
if #ids == 0 and special == 1 then untilDue = 0 end
return { ids, lapsed, untilDue, held(), now + keepMs, special }`,
});

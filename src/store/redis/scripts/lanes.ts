import { DEFAULT_PRIORITY, PRIORITY_STEP_MS } from '../../../task/priority';
import type { ParkReply } from '../../worker-store';
import { defineScript } from '../script';
import { NOW } from './parts';

/** A lane's name has so many letters; what follows it in the hash of counts is the mark of a place. */
export const LANE_LENGTH = 16;

/** At which byte of a member of `parked` the id begins, counted from 1: after the lane, of 16, and the time, of 17. */
export const ID_IN_MEMBER = 34;

/**
 * Puts tasks of one name into their lanes. The rest are quadruples: id, lane, since when it waits in epoch milliseconds (empty:
 * from now on), and its priority. With `fromInbox` 1 each gives up a place in the inbox for that; one that is not there is `gone`, and one
 * that holds a place under the limits is `admitted`, and stays; the place bears the mark `place` from then on. Tells those who wait.
 * Replies what became of each.
 */
export const park = defineScript<
  'laned' | 'lanes' | 'parked' | 'counts' | 'holders' | 'inbox',
  'name' | 'fromInbox' | 'place' | 'wake',
  ParkReply[]
>({
  name: 'park',
  keys: ['laned', 'lanes', 'parked', 'counts', 'holders', 'inbox'],
  args: ['name', 'fromInbox', 'place', 'wake'],
  lua: `${NOW}
local replies = {}
local parks = false
for i = 5, #ARGV, 4 do
  local id, lane = ARGV[i], ARGV[i + 1]
  local reply = 'parked'
  if fromInbox == '1' then
    if redis.call('ZSCORE', holders, id) then
      reply = 'admitted'
      local held = redis.call('HGET', counts, 'id:' .. id) or lane
      redis.call('HSET', counts, 'id:' .. id, string.sub(held, 1, ${LANE_LENGTH}) .. place)
    elseif redis.call('LREM', inbox, -1, id) == 0 then reply = 'gone' end
  end
  if reply == 'parked' then
    parks = true
    -- Waits since: to the microsecond, where it is from now on.
    local since = ARGV[i + 2] == '' and time[1] * 1000 + time[2] / 1000 or tonumber(ARGV[i + 2])
    local turn = since + (ARGV[i + 3] - ${DEFAULT_PRIORITY}) * ${PRIORITY_STEP_MS}
    if redis.call('ZADD', parked, 0, lane .. string.format('%017.3f', turn) .. id) == 1 then
      redis.call('HINCRBY', counts, 'parked:' .. id, 1)
    end
    redis.call('ZADD', lanes, 'NX', string.format('%.3f', time[1] * 1000 + time[2] / 1000), lane)
  end
  replies[#replies + 1] = reply
end
if parks then
  redis.call('SADD', laned, name)
  redis.call('PUBLISH', wake, '')
end
return replies`,
});

/** Lua: notes that a task has a place less in a lane. */
const LEAVE_LANE = `
local function leaveLane(counts, id)
  local field = 'parked:' .. id
  if redis.call('HINCRBY', counts, field, -1) <= 0 then redis.call('HDEL', counts, field) end
end`;

/** Moves tasks of one name from their lanes to an inbox, whatever the limits: they are not to run. Replies their ids. */
export const unpark = defineScript<'parked' | 'counts' | 'inbox', 'limit', string[]>({
  name: 'unpark',
  keys: ['parked', 'counts', 'inbox'],
  args: ['limit'],
  lua: `${LEAVE_LANE}
local ids = {}
for _, member in ipairs(redis.call('ZRANGE', parked, 0, limit - 1)) do
  local id = string.sub(member, ${ID_IN_MEMBER})
  redis.call('ZREM', parked, member)
  redis.call('LPUSH', inbox, id)
  leaveLane(counts, id)
  ids[#ids + 1] = id
end
return ids`,
});

/** Lua: when the next start conforms to a rate, and the time up to which one more counts (generic cell rate algorithm). */
const RATE = `
local function readyAt(countsUntil, max, perMs)
  if max == '' then return now, nil end
  local gap = perMs / max
  local from = math.max(now, tonumber(countsUntil or 0))
  return tonumber(countsUntil or 0) - perMs + gap, string.format('%.3f', from + gap)
end`;

/** Lua: how many more may be admitted, as far as concurrency goes. */
const FREE = `
local function freeOf(holders, most)
  if most == '' then return tonumber(limit) end
  return most - redis.call('ZCARD', holders)
end`;

/**
 * Moves ids from their lanes to a worker's inbox, as far as the limits go, lane by lane in turn. An empty limit is none. Each holds a
 * place under the limits from then on, which bears the mark `place`. Replies the ids, in how many milliseconds there is more to admit,
 * where a rate tells (else -1), and the ids that hold a place already: they are in the inbox, and no place of this call is theirs.
 */
export const admit = defineScript<
  'lanes' | 'parked' | 'counts' | 'holders' | 'rates' | 'inbox' | 'queueHolders' | 'queueRate' | 'paused',
  | 'limit'
  | 'place'
  | 'most'
  | 'max'
  | 'perMs'
  | 'keyMost'
  | 'keyMax'
  | 'keyPerMs'
  | 'queueMost'
  | 'queueMax'
  | 'queuePerMs',
  [ids: string[], msUntilMore: number, again: string[]]
>({
  name: 'admit',
  keys: ['lanes', 'parked', 'counts', 'holders', 'rates', 'inbox', 'queueHolders', 'queueRate', 'paused'],
  args: [
    'limit',
    'place',
    'most',
    'max',
    'perMs',
    'keyMost',
    'keyMax',
    'keyPerMs',
    'queueMost',
    'queueMax',
    'queuePerMs',
  ],
  lua: `${NOW}${RATE}${FREE}${LEAVE_LANE}
if redis.call('EXISTS', lanes) == 0 or redis.call('EXISTS', paused) == 1 then return { {}, -1, {} } end
redis.call('ZREMRANGEBYSCORE', rates, '-inf', now)
local exact = time[1] * 1000 + time[2] / 1000
local room = math.min(limit, freeOf(holders, most), freeOf(queueHolders, queueMost))
local ids, untilMore, again = {}, -1, {}
while #ids < room and #ids + #again < tonumber(limit) do
  local first = redis.call('ZRANGE', lanes, 0, 0, 'WITHSCORES')
  local lane = first[1]
  if not lane then break end
  local ready, spent = readyAt(redis.call('ZSCORE', rates, ''), max, perMs)
  local queueReady, queueSpent = readyAt(redis.call('GET', queueRate), queueMax, queuePerMs)
  ready = math.max(ready, queueReady)
  -- The turns of one call are within two milliseconds.
  if tonumber(first[2]) > now + 2 then ready = math.max(ready, tonumber(first[2])) end
  if ready > now then
    untilMore = math.ceil(ready - now)
    break
  end
  local found = redis.call('ZRANGE', parked, '[' .. lane, '(' .. lane .. ':', 'BYLEX', 'LIMIT', 0, 2)
  local held = tonumber(redis.call('HGET', counts, 'lane:' .. lane) or 0)
  local keyReady, keySpent = readyAt(redis.call('ZSCORE', rates, lane), keyMax, keyPerMs)
  if #found == 0 or (keyMost ~= '' and held >= tonumber(keyMost)) then
    redis.call('ZREM', lanes, lane)
  elseif keyReady > now then
    redis.call('ZADD', lanes, keyReady, lane)
  else
    local id = string.sub(found[1], ${ID_IN_MEMBER})
    redis.call('ZREM', parked, found[1])
    leaveLane(counts, id)
    redis.call('LPUSH', inbox, id)
    if redis.call('ZADD', holders, 'NX', now, id) == 0 then
      again[#again + 1] = id
      spent, queueSpent, keySpent = nil, nil, nil
    else
      ids[#ids + 1] = id
      redis.call('HSET', counts, 'id:' .. id, lane .. place, 'lane:' .. lane, held + 1)
      if queueMost ~= '' then redis.call('ZADD', queueHolders, now, id) end
      held = held + 1
    end
    if spent then redis.call('ZADD', rates, spent, '') end
    if queueSpent then redis.call('SET', queueRate, queueSpent, 'PX', math.ceil(queueSpent - now)) end
    if keySpent then redis.call('ZADD', rates, keySpent, lane) end
    if #found == 1 or (keyMost ~= '' and held >= tonumber(keyMost)) then
      redis.call('ZREM', lanes, lane)
    else
      -- Behind all others whose turn it is by now; not before its own rate allows it.
      local next = math.max(exact + #ids / 1000, (readyAt(redis.call('ZSCORE', rates, lane), keyMax, keyPerMs)))
      redis.call('ZADD', lanes, string.format('%.3f', next), lane)
    end
  end
end
return { ids, untilMore, again }`,
});

/**
 * Frees places under the limits; the rest are pairs of the id that holds one and the mark of its place, empty for whichever it is: another
 * run of the id may hold one by now. Who waits is told where a lane has more. Replies how many were freed.
 */
export const freeHolders = defineScript<'lanes' | 'parked' | 'counts' | 'holders' | 'queueHolders', 'wake', number>({
  name: 'free_holders',
  keys: ['lanes', 'parked', 'counts', 'holders', 'queueHolders'],
  args: ['wake'],
  lua: `${NOW}
local freed = 0
local ofQueue = false
for i = 2, #ARGV, 2 do
  local id, place = ARGV[i], ARGV[i + 1]
  local held = redis.call('HGET', counts, 'id:' .. id) or ''
  if (place == '' or place == string.sub(held, ${LANE_LENGTH + 1})) and redis.call('ZREM', holders, id) == 1 then
    freed = freed + 1
    local lane = string.sub(held, 1, ${LANE_LENGTH})
    ofQueue = redis.call('ZREM', queueHolders, id) == 1 or ofQueue
    redis.call('HDEL', counts, 'id:' .. id)
    if redis.call('HINCRBY', counts, 'lane:' .. lane, -1) <= 0 then redis.call('HDEL', counts, 'lane:' .. lane) end
    local more = redis.call('ZRANGE', parked, '[' .. lane, '(' .. lane .. ':', 'BYLEX', 'LIMIT', 0, 1)
    if #more > 0 then redis.call('ZADD', lanes, 'NX', now, lane) end
  end
end
-- Under the limits of the queue tasks of other names may wait for this place.
if ofQueue or redis.call('EXISTS', lanes) == 1 then redis.call('PUBLISH', wake, '') end
return freed`,
});

import { DEFAULT_PRIORITY, PRIORITY_STEP_MS } from '../../../task/priority';
import type { ParkReply } from '../../worker-store';
import { defineScript } from '../script';
import { NOW } from './parts';

/** At which byte of a member of `parked` the id begins, counted from 1: after the lane, of 16, and the time, of 17. */
export const ID_IN_MEMBER = 34;

/**
 * Puts tasks of one name into their lanes. The rest are quadruples: id, lane, since when it waits in epoch milliseconds (empty:
 * from now on), and its priority. With `fromInbox` 1 each gives up a place in the inbox for that; one that is not there is `gone`, and one
 * that holds a place under the limits is `admitted`, and stays. Tells those who wait. Replies what became of each.
 */
export const park = defineScript<
  'laned' | 'lanes' | 'parked' | 'counts' | 'holders' | 'inbox',
  'name' | 'fromInbox' | 'wake',
  ParkReply[]
>({
  name: 'park',
  keys: ['laned', 'lanes', 'parked', 'counts', 'holders', 'inbox'],
  args: ['name', 'fromInbox', 'wake'],
  lua: `${NOW}
local replies = {}
for i = 4, #ARGV, 4 do
  local id, lane = ARGV[i], ARGV[i + 1]
  local reply = 'parked'
  if fromInbox == '1' then
    if redis.call('ZSCORE', holders, id) then reply = 'admitted'
    elseif redis.call('LREM', inbox, -1, id) == 0 then reply = 'gone' end
  end
  if reply == 'parked' then
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
redis.call('SADD', laned, name)
redis.call('PUBLISH', wake, '')
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
 * place under the limits from then on. Replies the ids, and in how many milliseconds there is more to admit, where a rate tells (else -1).
 */
export const admit = defineScript<
  'lanes' | 'parked' | 'counts' | 'holders' | 'rates' | 'inbox' | 'queueHolders' | 'queueRate' | 'paused',
  'limit' | 'most' | 'max' | 'perMs' | 'keyMost' | 'keyMax' | 'keyPerMs' | 'queueMost' | 'queueMax' | 'queuePerMs',
  [ids: string[], msUntilMore: number]
>({
  name: 'admit',
  keys: ['lanes', 'parked', 'counts', 'holders', 'rates', 'inbox', 'queueHolders', 'queueRate', 'paused'],
  args: ['limit', 'most', 'max', 'perMs', 'keyMost', 'keyMax', 'keyPerMs', 'queueMost', 'queueMax', 'queuePerMs'],
  lua: `${NOW}${RATE}${FREE}${LEAVE_LANE}
if redis.call('EXISTS', lanes) == 0 or redis.call('EXISTS', paused) == 1 then return { {}, -1 } end
redis.call('ZREMRANGEBYSCORE', rates, '-inf', now)
local exact = time[1] * 1000 + time[2] / 1000
local room = math.min(limit, freeOf(holders, most), freeOf(queueHolders, queueMost))
local ids, untilMore = {}, -1
while #ids < room do
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
    ids[#ids + 1] = id
    if redis.call('ZADD', holders, 'NX', now, id) == 1 then
      redis.call('HSET', counts, 'id:' .. id, lane, 'lane:' .. lane, held + 1)
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
      local next = math.max(exact + #ids / 1000, (readyAt(keySpent, keyMax, keyPerMs)))
      redis.call('ZADD', lanes, string.format('%.3f', next), lane)
    end
  end
end
return { ids, untilMore }`,
});

/**
 * Frees the places under the limits that ids hold; the rest are the ids. Who waits is told where a lane has more. Replies how many were
 * freed.
 */
export const freeHolders = defineScript<'lanes' | 'parked' | 'counts' | 'holders' | 'queueHolders', 'wake', number>({
  name: 'free_holders',
  keys: ['lanes', 'parked', 'counts', 'holders', 'queueHolders'],
  args: ['wake'],
  lua: `${NOW}
local freed = 0
for i = 2, #ARGV do
  local id = ARGV[i]
  redis.call('ZREM', queueHolders, id)
  if redis.call('ZREM', holders, id) == 1 then
    freed = freed + 1
    local lane = redis.call('HGET', counts, 'id:' .. id) or ''
    redis.call('HDEL', counts, 'id:' .. id)
    if redis.call('HINCRBY', counts, 'lane:' .. lane, -1) <= 0 then redis.call('HDEL', counts, 'lane:' .. lane) end
    local more = redis.call('ZRANGE', parked, '[' .. lane, '(' .. lane .. ':', 'BYLEX', 'LIMIT', 0, 1)
    if #more > 0 then redis.call('ZADD', lanes, 'NX', now, lane) end
  end
end
if redis.call('EXISTS', lanes) == 1 then redis.call('PUBLISH', wake, '') end
return freed`,
});

import { defineBatchScript } from '../script';
import { NOW_AND_STAMP } from './parts';

/** A run that was begun; its token is the call's base and the position. What a task mostly has not is left out at the end. */
export type OpenedReply = [
  position: number,
  attempt: number,
  name: string | null,
  data: string | null,
  cleanup?: string | null,
  local?: string | null,
  control?: string | null,
  unknown?: 0 | 1,
];

export type OpenReply =
  | OpenedReply
  | ['held', name: string]
  | ['unknown', name: string, delayMs: number]
  | ['used-up']
  | ['running']
  | ['no hash']
  | ['key of another type']
  | ['lapsed'];

/**
 * Begins the run of a taken id, unless something speaks against it; replies as `OpenReply`. The rest are triples: a name
 * this worker runs, the same as JSON, and how many more runs of it may begin (-1: any number). A run counts as alive while
 * its last sign of life is at most `leaseMs` old, unless it is this worker's own and the worker does not know of it (`here`
 * 0): the reply that began it was lost.
 */
export const open = defineBatchScript<
  'worker' | 'workerJson' | 'tokenBase' | 'claimEndsMs' | 'leaseMs' | 'unknownMs',
  'here',
  OpenReply
>({
  name: 'open',
  args: ['worker', 'workerJson', 'tokenBase', 'claimEndsMs', 'leaseMs', 'unknownMs'],
  row: ['here'],
  prepare: `${NOW_AND_STAMP}
local usedField = 'used:' .. worker
local slots, json = {}, {}
for i = rest, #ARGV, 3 do
  json[ARGV[i]] = ARGV[i + 1]
  slots[ARGV[i]] = tonumber(ARGV[i + 2])
end
local claimed = now < tonumber(claimEndsMs)`,
  lua: `
  if not claimed then return { 'lapsed' } end
  local found = redis.pcall('HMGET', key, 'task', 'data', 'cleanup', 'local', 'control', 'state', 'last_update',
    'attempt', 'skip', 'unknown_since', 'worker', 'push', usedField)
  if found.err then return { 'key of another type' } end
  local name, state, updated, attempt = found[1], found[6] or 'WAIT', tonumber(found[7]) or 0, tonumber(found[8]) or 0
  -- The reply that told so was lost, or the place is not given up yet.
  if found[13] then return { 'used-up' } end
  if found[9] then
    if name then redis.call('HSET', key, usedField, 1) end
    if (tonumber(found[9]) or 0) > 1 then redis.call('HINCRBY', key, 'skip', -1) else redis.call('HDEL', key, 'skip') end
    return { 'used-up' }
  end
  if not name and redis.call('EXISTS', key) == 0 then return { 'no hash' } end
  if state == 'RUNNING' and now - updated * 1000 <= tonumber(leaseMs) and (found[11] ~= worker or here == '1') then return { 'running' } end
  local unknown = 0
  if name and not slots[name] then
    local since = tonumber(found[10]) or now
    local left = since + unknownMs - now
    if left > 0 then
      redis.call('HSET', key, 'unknown_since', since)
      -- At once at first: it goes round those who wait. Then ever later, as others may be busy.
      local delay = now - since < 100 and 0 or math.min(now - since, 1000)
      return { 'unknown', name, math.min(left, delay) }
    end
    unknown = 1
  elseif name and slots[name] == 0 then
    return { 'held', name }
  elseif name then
    slots[name] = slots[name] - 1
  end
  attempt = (state == 'WAIT' or state == 'RUNNING') and attempt + 1 or 1
  if found[7] or found[10] or found[12] then
    redis.call('HDEL', key, 'output', 'unknown_since', 'ended', 'progress', 'push', 'kept')
    redis.call('PERSIST', key)
    if attempt == 1 then redis.call('HDEL', key, 'crashes') end
  end
  if found[5] == 'reload' then redis.call('HDEL', key, 'control') end
  redis.call('HSET', key, 'state', 'RUNNING', 'last_update', stamp, 'lease', tokenBase .. ':' .. position,
    'worker', worker, 'started', now, 'attempt', attempt)
  redis.call('PUBLISH', key, '{"event":"start","data":{"task":' .. (json[name] or cjson.encode(name or cjson.null)) ..
    ',"attempt":' .. attempt .. ',"worker":' .. workerJson .. '}}')
  if not found[3] and not found[4] and not found[5] and unknown == 0 then return { position, attempt, name, found[2] } end
  return { position, attempt, name, found[2], found[3], found[4], found[5], unknown }`,
});

import { SKIPS } from './skips';

/** The Lua of the script `open`, step by step; its arguments are known by their names. */

/** The fields of a hash by their names, or why there are none. */
export const FIELDS_OF = `
local function fieldsOf(key)
  local list = redis.pcall('HGETALL', key)
  if list.err then return nil, 'key of another type' end
  if #list == 0 then return nil, 'no hash' end
  local fields = {}
  for i = 1, #list, 2 do fields[list[i]] = list[i + 1] end
  return fields
end`;

/**
 * Uses up a place of a task that was stopped or removed while it waited, and answers so; nil where the place is not one of those.
 * What is left of a removed task, which has no queue either, gets no mark.
 */
export const USE_UP_SKIP = `${SKIPS}
local usedField = 'used:' .. worker .. (queueField == '' and '' or '@' .. queueField)
local function useUpSkip(key, name, skip, queue)
  local skipped = skip and skippedQueue(skip, queueField, name and (queue or ''))
  if not skipped then return nil end
  if name then redis.call('HSET', key, usedField, 1) end
  changeSkips(key, skip, skipped, -1)
  -- Of a removed task there is nothing to mark.
  return name and { 'used-up' } or { 'used-up', 0 }
end`;

/** Whether a run of this name may begin: what speaks against it, or nil, and 1 if nobody has known the name for too long. */
export const SLOT_OF = `
local slots, json, limited = {}, {}, {}
for i = rest, #ARGV, 3 do
  json[ARGV[i]] = ARGV[i + 1]
  local left, marks = string.gsub(ARGV[i + 2], 'L', '')
  limited[ARGV[i]] = marks == 1
  slots[ARGV[i]] = tonumber(left)
end
local function slotOf(key, name, unknownSince)
  if not name then return nil, 0 end
  if not slots[name] then
    local since = tonumber(unknownSince) or now
    local left = since + unknownMs - now
    if left <= 0 then return nil, 1 end
    redis.call('HSET', key, 'unknown_since', since)
    -- At once at first: it goes round those who wait. Then ever later, as others may be busy.
    local delay = now - since < 100 and 0 or math.min(now - since, 1000)
    return { 'unknown', name, math.min(left, delay) }, 0
  end
  if slots[name] == 0 then return { 'held', name }, 0 end
  slots[name] = slots[name] - 1
  return nil, 0
end`;

/** How long a task has waited, in milliseconds; false where its producer wrote no time. Of a run that was cut short the last sign of life counts. */
export const WAITED = `
local function waitedOf(task)
  local updated = (tonumber(task.last_update) or 0) * 1000
  local since = math.max(tonumber(task.created) or 0, tonumber(task.due) or 0, tonumber(task.restarted) or 0, updated)
  return since > 0 and math.max(0, now - since)
end`;

/** Notes the queue that an id was taken from, where its hash names another one: back there it goes. */
export const NOTE_QUEUE = `
local function noteQueue(key)
  if queueField == '' then redis.call('HDEL', key, 'queue') else redis.call('HSET', key, 'queue', queueField) end
end`;

/** Writes that the run has begun, and tells so; `again` where the task has run, or waited for a worker that knows it. */
export const BEGIN = `
local workerEnd = ',"worker":' .. workerJson .. '}}'
local function begin(key, name, attempt, again)
  if again then
    redis.call('HDEL', key, 'output', 'unknown_since', 'ended', 'progress', 'push', 'kept', 'due', 'restarted')
    redis.call('PERSIST', key)
    if attempt == 1 then redis.call('HDEL', key, 'crashes', 'failures', 'errors', 'attempt_trace') end
  end
  local text = attempt == 1 and '1' or string.format('%.0f', attempt)
  redis.call('HSET', key, 'state', 'RUNNING', 'last_update', stamp, 'lease', token, 'worker', worker, 'started', nowText,
    'attempt', text)
  redis.call('PUBLISH', key, '{"event":"start","data":{"task":' .. (json[name] or cjson.encode(name or cjson.null)) ..
    ',"attempt":' .. text .. workerEnd)
end`;

/** What a reply tells of the traces of the start and, of a task that goes on, of the run before this one; nothing for most tasks. */
export const TRACES_OF = `
local function tracesOf(task, attempt)
  local former = attempt > 1 and task.attempt_trace
  if task.trace or former then return task.trace or false, former end
end`;

/** Lua: `now` in epoch milliseconds, and `time` as Redis tells it. */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** Lua: `now`, and the same as `nowText`: made into text once, not each time that it is given to a command. */
export const NOW_AND_TEXT = `${NOW}
local nowText = string.format('%.0f', now)`;

/**
 * Lua: `now`, `nowText`, and `stamp` for `last_update`. Nine decimals, which no float of pytask has: so a run of ours can tell that a
 * foreign worker has written since, which knows of no lease.
 */
export const NOW_AND_STAMP = `${NOW_AND_TEXT}
local stamp = time[1] .. '.' .. string.format('%06d000', time[2])`;

/**
 * Lua, for scripts that know `now`, `leaseMs`, `idStart`, `active` and `leases`: notes that the id of a hash is to be entered,
 * with a lease that lapses `leaseMs` from now. `ENTER_ALL`, after the items, puts them into the active set and the index.
 */
export const ENTER = `
local entered, lapses, lapsesText = {}, {}, string.format('%.0f', now + leaseMs)
local function enter(key)
  local id = string.sub(key, idStart)
  entered[#entered + 1] = id
  lapses[#lapses + 1] = lapsesText
  lapses[#lapses + 1] = id
end`;

export const ENTER_ALL = `
if #entered > 0 then
  redis.call('SADD', active, unpack(entered))
  redis.call('ZADD', leases, unpack(lapses))
end`;

/** Lua: a `due` as the client tells it, in epoch milliseconds: text of a time, or of milliseconds from now after a plus. */
export const DUE_OF = `
local function dueOf(due)
  local inMs = string.match(due, '^+(.*)')
  return string.format('%.0f', inMs and now + inMs or due)
end`;

/** Lua: puts an id beside the queue until it is due, and tells idle workers if it is now the first. */
export const DELAY_UNTIL = `
local function delayUntil(delayed, wake, due, id)
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  redis.call('ZADD', delayed, due, id)
  if not first[1] or tonumber(due) < tonumber(first[2]) then redis.call('PUBLISH', wake, '') end
end`;

/** Lua: whether a `last_update` is a stamp of ours; its tenth byte from the end is the point. */
export const IS_OURS = `
local function isOurs(updated) return string.byte(updated or '', -10) == 46 end`;

/** Lua: whether a run holds its lease still, by the fields of its hash. */
export const HOLDS_LEASE = `${IS_OURS}
local function holds(token, lease, state, updated)
  return lease == token and state == 'RUNNING' and isOurs(updated)
end`;

/** Lua: deletes a task and tells so; a hash with places left to use up keeps their number and nothing else. */
export const REMOVE_TASK = `
local function removeTask(key, skip)
  redis.call('DEL', key)
  if skip then redis.call('HSET', key, 'skip', skip) end
  redis.call('PUBLISH', key, '{"event":"remove","data":null}')
end`;

/** Lua: writes that a task is stopped, and tells so. */
export const STOP_TASK = `
local function stopTask(key)
  redis.call('HDEL', key, 'control', 'lease', 'due')
  redis.call('HSET', key, 'state', 'STOPPED')
  redis.call('PUBLISH', key, '{"event":"stop","data":null}')
end`;

/** Lua: what tells that a waiting task waits beside the list of its queue, for its time or by its priority; nil: it does not. */
export const BESIDE = `
local function besideOf(due, priority)
  return due or (priority and 'priority ' .. priority) or nil
end`;

/** Lua: whether a state is among those that the rest of the arguments lists, from the one told on. */
export const IN_STATES = `
local function isIn(state, first)
  for i = first, #ARGV do
    if ARGV[i] == state then return true end
  end
  return false
end`;

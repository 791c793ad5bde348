/**
 * Lua, the twin of `src/task/skips.ts`: the field `skip` tells how many places are to have no effect, as a number where all are in the
 * default queue, else as JSON by the names of the queues, the default one's being empty.
 */
export const SKIPS = `
local function skipsOf(text)
  if not text then return {} end
  local known, skips = pcall(cjson.decode, text)
  if known and type(skips) == 'table' then return skips end
  return { [''] = math.max(1, math.floor(tonumber(text) or 1)) }
end
local function changeSkips(key, text, queue, change)
  local skips = skipsOf(text)
  local count = (tonumber(skips[queue]) or 0) + change
  skips[queue] = count > 0 and count or nil
  local first = next(skips)
  if not first then return redis.call('HDEL', key, 'skip') end
  local plain = first == '' and next(skips, first) == nil
  redis.call('HSET', key, 'skip', plain and string.format('%.0f', skips['']) or cjson.encode(skips))
end
local function skippedQueue(text, met, of)
  local skips = skipsOf(text)
  if skips[met] then return met end
  -- Pushed by hand into a queue that is not its own: which one the stop has meant cannot be told.
  if of ~= met then return (next(skips)) end
end`;

/**
 * Lua, after `SKIPS`: a place that was taken back from where ids wait beside the queue \`from\` is that of another call which has stopped or
 * removed the task meanwhile and counts on it, if there is such; else that of the task. Answers the field, and \`beside\`, empty where the task's
 * own place is still to be looked for.
 */
export const MATCH_WITHDRAWN = `
local function matchWithdrawn(key, skip, from, withdrawn, beside)
  if withdrawn ~= '1' or not skipsOf(skip)[from] then return skip, beside end
  changeSkips(key, skip, from, -1)
  return redis.call('HGET', key, 'skip'), ''
end`;

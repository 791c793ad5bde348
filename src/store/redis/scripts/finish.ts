import { defineBatchScript } from '../script';
import { HOLDS_LEASE, NOW_AND_STAMP, REMOVE_TASK } from './parts';
import { GIVE_UP_PLACES } from './release';

/** Answers also whether the end had been written before; and of a task that is removed, whether it had a log. */
const WRITE_END = `${NOW_AND_STAMP}${HOLDS_LEASE}${REMOVE_TASK}
local function writeEnd(key, token, state, output, event)
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'last_update', 'control')
  if found.err or found[1] ~= token then return 0, false end
  if found[2] == state then return tonumber(redis.call('HGET', key, 'ended')) or 0, true end
  if not holds(token, found[1], found[2], found[3]) then return 0, false end
  redis.call('HSET', key, 'state', state, 'output', output, 'ended', nowText)
  redis.call('PUBLISH', key, event == '' and '{"event":"success","data":' .. output .. '}' or event)
  if found[4] == 'remove' then
    local left = redis.call('HMGET', key, 'skip', 'logged')
    removeTask(key, left[1])
    return -now, false, left[2]
  end
  if found[4] then redis.call('HDEL', key, 'control') end
  return now, false
end`;

export type FinishReply = number | [removedMs: number];

/**
 * Writes the end of a run, then publishes it. Replies 0 if the lease is lost, else when the
 * run ended, in epoch milliseconds (the same again, when called again); negative if the task was to be removed: it is,
 * and only its places in the queue are left to use up; within a list, if its log is still to be deleted.
 */
export const finish = defineBatchScript<never, 'token' | 'state' | 'output' | 'event', FinishReply>({
  name: 'finish',
  args: [],
  row: ['token', 'state', 'output', 'event'],
  prepare: WRITE_END,
  lua: `
  local endedMs, _, logged = writeEnd(key, token, state, output, event)
  return logged and { endedMs } or endedMs`,
});

/**
 * As `finish`, and in the same step gives up places in the inbox of the worker (the rest, in pairs as for `release`), puts
 * what has ended into the end queue, unless it is kept for good (`kept` 1), and takes it out of the leases and,
 * unless it is kept, of the active set. Replies 1, or 0 if the lease is lost; 2 where the task was to be
 * removed, and is; 3 where its log is still to be deleted, too.
 */
export const finishAndSettle = defineBatchScript<
  'idStart',
  'token' | 'state' | 'output' | 'event' | 'kept',
  0 | 1 | 2 | 3,
  'active' | 'leases' | 'endQueue' | 'inbox' | 'delayed'
>({
  name: 'finish_and_settle',
  keys: ['active', 'leases', 'endQueue', 'inbox', 'delayed'],
  args: ['idStart'],
  row: ['token', 'state', 'output', 'event', 'kept'],
  prepare: `${WRITE_END}${GIVE_UP_PLACES}
-- An end that is seen before would be run again, should the worker die in between.
giveUpPlaces(rest)
local over, ended, left = {}, {}, {}`,
  lua: `
  local endedMs, again, logged = writeEnd(key, token, state, output, event)
  if endedMs == 0 then return 0 end
  -- The step that wrote it has done the rest as well.
  if again then return 1 end
  local id, removed = string.sub(key, idStart), endedMs < 0
  over[#over + 1] = id
  if removed or kept == '0' then left[#left + 1] = id end
  if not removed and kept == '0' then ended[#ended + 1] = id end
  if not removed then return 1 end
  return logged and 3 or 2`,
  conclude: `
if #ended > 0 then redis.call('LPUSH', endQueue, unpack(ended)) end
if #over > 0 then redis.call('ZREM', leases, unpack(over)) end
if #left > 0 then redis.call('SREM', active, unpack(left)) end`,
});

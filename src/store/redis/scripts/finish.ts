import { defineBatchScript } from '../script';

/**
 * Writes the end of a run, then publishes it. Replies 0 if the lease is lost, else when the
 * run ended, in epoch milliseconds (the same again, when called again); negative if the task was to be removed: it is,
 * and only its places in the queue are left to use up.
 */
export const finish = defineBatchScript<never, 'token' | 'state' | 'output' | 'event', number>({
  name: 'finish',
  args: [],
  row: ['token', 'state', 'output', 'event'],
  prepare: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`,
  lua: `
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'control', 'skip', 'ended')
  if found.err or found[1] ~= token then return 0 end
  if found[2] ~= 'RUNNING' then return found[2] == state and tonumber(found[5]) or 0 end
  redis.call('HSET', key, 'state', state, 'output', output, 'ended', now)
  redis.call('PUBLISH', key, event)
  if found[3] == 'remove' then
    redis.call('DEL', key)
    if found[4] then redis.call('HSET', key, 'skip', found[4]) end
    redis.call('PUBLISH', key, '{"event":"remove","data":null}')
    return -now
  end
  if found[3] then redis.call('HDEL', key, 'control') end
  return now`,
});

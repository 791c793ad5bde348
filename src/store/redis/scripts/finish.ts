import { defineBatchScript } from '../script';
import { HOLDS_LEASE, NOW_AND_STAMP, REMOVE_TASK } from './parts';

/**
 * Writes the end of a run, then publishes it. Replies 0 if the lease is lost, else when the
 * run ended, in epoch milliseconds (the same again, when called again); negative if the task was to be removed: it is,
 * and only its places in the queue are left to use up.
 */
export const finish = defineBatchScript<never, 'token' | 'state' | 'output' | 'event', number>({
  name: 'finish',
  args: [],
  row: ['token', 'state', 'output', 'event'],
  prepare: NOW_AND_STAMP + HOLDS_LEASE + REMOVE_TASK,
  lua: `
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'control', 'skip', 'ended', 'last_update')
  if found.err or found[1] ~= token then return 0 end
  if found[2] == state then return tonumber(found[5]) or 0 end
  if not holds(token, found[1], found[2], found[6]) then return 0 end
  redis.call('HSET', key, 'state', state, 'output', output, 'ended', now)
  redis.call('PUBLISH', key, event == '' and '{"event":"success","data":' .. output .. '}' or event)
  if found[3] == 'remove' then
    removeTask(key, found[4])
    return -now
  end
  if found[3] then redis.call('HDEL', key, 'control') end
  return now`,
});

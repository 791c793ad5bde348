import { defineBatchScript } from '../script';
import { HOLDS_LEASE } from './parts';

/**
 * Publishes an event of a run. `field` and `value` say what the hash is to remember with it: `progress` is stored,
 * `control` takes a reload back, an empty field leaves the hash alone. Replies 1, or 0 if the lease is lost.
 */
export const emit = defineBatchScript<never, 'token' | 'event' | 'field' | 'value', 0 | 1>({
  name: 'emit',
  args: [],
  row: ['token', 'event', 'field', 'value'],
  prepare: HOLDS_LEASE,
  lua: `
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'last_update', 'control')
  if found.err or not holds(token, found[1], found[2], found[3]) then return 0 end
  if field == 'progress' then redis.call('HSET', key, 'progress', value) end
  if field == 'control' and found[4] == 'reload' then redis.call('HDEL', key, 'control') end
  redis.call('PUBLISH', key, event)
  return 1`,
});

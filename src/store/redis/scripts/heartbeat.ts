import { defineBatchScript } from '../script';
import { HOLDS_LEASE, NOW_AND_STAMP } from './parts';

/** Renews a run's sign of life. Replies the intent stored for it (empty: none), or 0 if its lease is lost. */
export const heartbeat = defineBatchScript<never, 'token', string | 0>({
  name: 'heartbeat',
  allowOom: true,
  args: [],
  row: ['token'],
  prepare: NOW_AND_STAMP + HOLDS_LEASE,
  lua: `
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'last_update', 'control')
  if found.err or not holds(token, found[1], found[2], found[3]) then return 0 end
  redis.call('HSET', key, 'last_update', stamp)
  return found[4] or ''`,
});

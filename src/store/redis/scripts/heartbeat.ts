import { defineBatchScript } from '../script';
import { ENTER, ENTER_ALL, HOLDS_LEASE, NOW_AND_STAMP } from './parts';

/** Answers the intent stored for the run (empty: none), or nil if its lease is lost. */
const RENEW_ONE = `${NOW_AND_STAMP}${HOLDS_LEASE}
local function renewOne(key, token)
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'last_update', 'control')
  if found.err or not holds(token, found[1], found[2], found[3]) then return nil end
  redis.call('HSET', key, 'last_update', stamp)
  return found[4] or ''
end`;

/** Renews a run's sign of life. Replies the intent stored for it (empty: none), or 0 if its lease is lost. */
export const heartbeat = defineBatchScript<never, 'token', string | 0>({
  name: 'heartbeat',
  allowOom: true,
  args: [],
  row: ['token'],
  prepare: RENEW_ONE,
  lua: 'return renewOne(key, token) or 0',
});

/**
 * As `heartbeat`, and in the same step has the leases lapse `leaseMs` from now. A failover may have lost their entries, so
 * that each is put into the active set and the index.
 */
export const heartbeatAndEnter = defineBatchScript<'leaseMs' | 'idStart', 'token', string | 0, 'active' | 'leases'>({
  name: 'heartbeat_and_enter',
  allowOom: true,
  keys: ['active', 'leases'],
  args: ['leaseMs', 'idStart'],
  row: ['token'],
  prepare: RENEW_ONE + ENTER,
  lua: `
  local control = renewOne(key, token)
  if not control then return 0 end
  enter(key)
  return control`,
  conclude: ENTER_ALL,
});

import { defineBatchScript } from '../script';

/** Renews a run's sign of life. Replies the intent stored for it (empty: none), or 0 if its lease is lost. */
export const heartbeat = defineBatchScript<never, 'token', string | 0>({
  name: 'heartbeat',
  args: [],
  row: ['token'],
  prepare: `
local time = redis.call('TIME')
local stamp = time[1] .. '.' .. string.format('%06d', time[2])`,
  lua: `
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'control')
  if found.err or found[1] ~= token or found[2] ~= 'RUNNING' then return 0 end
  redis.call('HSET', key, 'last_update', stamp)
  return found[3] or ''`,
});

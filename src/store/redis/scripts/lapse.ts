import { defineBatchScript } from '../script';

/** What the monitor has to do about an id, and the token it does it under. */
export type LapseReply = [
  verdict: 'gone' | 'alive' | 'removed' | 'stopped' | 'requeue' | 'ended' | 'kept' | 'none',
  /** `alive`: when the lease lapses, in epoch milliseconds; `requeue`: the token; else empty. */
  detail: string | number,
];

/**
 * Looks at a task whose worker may have died, and takes it over if it has: its last sign of life is older than
 * `leaseMs`. With `lapsed` 0 the id merely has no lease entry, as a foreign worker leaves it.
 */
export const lapse = defineBatchScript<'leaseMs', 'lapsed', LapseReply>({
  name: 'lapse',
  args: ['leaseMs'],
  row: ['lapsed'],
  prepare: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`,
  lua: `
  local found = redis.pcall('HMGET', key, 'task', 'state', 'last_update', 'local', 'control', 'lease', 'cleanup', 'skip')
  if found.err then return { 'none', '' } end
  if not found[1] and not found[2] and not found[3] then return { 'gone', '' } end
  local state, lapses = found[2] or 'WAIT', math.floor((tonumber(found[3]) or 0) * 1000) + leaseMs
  local token = found[6] or ('update-' .. (found[3] or 0))
  if state == 'RUNNING' then
    if now <= lapses then return { 'alive', lapses } end
    if found[4] == 'true' or found[5] == 'remove' then
      redis.call('DEL', key)
      if found[8] then redis.call('HSET', key, 'skip', found[8]) end
      redis.call('PUBLISH', key, '{"event":"remove","data":null}')
      return { 'removed', '' }
    end
    redis.call('HDEL', key, 'control')
    local stop = found[5] == 'stop'
    redis.call('HSET', key, 'state', stop and 'STOPPED' or 'WAIT')
    redis.call('PUBLISH', key, stop and '{"event":"stop","data":null}' or '{"event":"requeue","data":null}')
    return { stop and 'stopped' or 'requeue', stop and '' or token }
  end
  if state == 'WAIT' and lapsed == '1' and found[6] then return { 'requeue', token } end
  if state == 'WAIT' then return { 'none', '' } end
  if state == 'STOPPED' or found[7] == 'false' then return { 'kept', '' } end
  return { (lapsed == '1' or now > lapses) and 'ended' or 'none', '' }`,
});

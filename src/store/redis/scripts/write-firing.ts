import { defineBatchScript } from '../script';
import { WRITE_EXTRA } from './enqueue';
import { NOW_AND_TEXT } from './parts';

/**
 * Writes the hash of a firing unless one of its id is there, up to `untilMs`. It owes a push under `token`. Replies 1 if it does so
 * still; 0 if the push was made already, or the key is no hash; -1 if it is too late: others may have made it, and its task may be gone.
 */
export const writeFiring = defineBatchScript<'untilMs' | 'token', 'name' | 'data' | 'extra', 0 | 1 | -1>({
  name: 'write_firing',
  args: ['untilMs', 'token'],
  row: ['name', 'data', 'extra'],
  prepare: NOW_AND_TEXT + WRITE_EXTRA,
  lua: `
  if now >= tonumber(untilMs) then return -1 end
  local owed = redis.pcall('HGET', key, 'push')
  if owed == token then return 1 end
  -- A key of another type is no task; any other refusal is told.
  local refused = type(owed) == 'table'
  if refused and not string.find(owed.err, 'WRONGTYPE', 1, true) then error(owed.err) end
  if refused or redis.call('EXISTS', key) == 1 then return 0 end
  redis.call('HSET', key, 'task', name, 'data', data, 'state', 'WAIT', 'created', nowText, 'push', token)
  writeExtra(key, extra)
  return 1`,
});

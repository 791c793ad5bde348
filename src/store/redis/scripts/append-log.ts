import { defineBatchScript } from '../script';
import { HOLDS_LEASE } from './parts';

/**
 * Appends lines, which stand in one text, to the log of a task, and keeps the last `most`; it goes after `keepMs` without another. The
 * field `logged` tells that there is one: without it, what stands there is an earlier task's. Replies 1; 0 if the lease is lost, or the key is no list; why, where Redis
 * refuses to write.
 */
export const appendLog = defineBatchScript<'keepMs', 'token' | 'most' | 'lines', 0 | 1 | string>({
  name: 'append_log',
  beside: 'log',
  args: ['keepMs'],
  row: ['token', 'most', 'lines'],
  prepare: HOLDS_LEASE,
  lua: `
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'last_update', 'logged')
  if found.err or not holds(token, found[1], found[2], found[3]) then return 0 end
  local list = {}
  for line in string.gmatch(lines, '[^\\n]+') do list[#list + 1] = line end
  local length = redis.pcall('RPUSH', log, unpack(list))
  if type(length) ~= 'number' then return string.find(length.err, 'WRONGTYPE') and 0 or length.err end
  local keep = found[4] and tonumber(most) or #list
  if length > keep then redis.call('LTRIM', log, -keep, -1) end
  if not found[4] then redis.call('HSET', key, 'logged', 1) end
  redis.call('PEXPIRE', log, keepMs)
  return 1`,
});

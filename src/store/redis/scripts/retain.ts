import { defineBatchScript } from '../script';

/** Applies the retention to an ended task: 0 ms deletes it, -1 keeps it for good. Replies 1, or 0 if it runs again. */
export const retain = defineBatchScript<never, 'keepMs', 0 | 1>({
  name: 'retain',
  args: [],
  row: ['keepMs'],
  lua: `
  local found = redis.pcall('HMGET', key, 'state', 'skip')
  local state = found[1]
  if state ~= 'SUCCESS' and state ~= 'ERROR' and state ~= 'EXCEPTION' then return 0 end
  if keepMs == '0' then
    redis.call('DEL', key)
    if found[2] then redis.call('HSET', key, 'skip', found[2]) end
  elseif keepMs == '-1' then
    redis.call('HSET', key, 'kept', 1)
  else
    redis.call('PEXPIRE', key, keepMs)
  end
  return 1`,
});

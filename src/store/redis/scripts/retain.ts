import { defineBatchScript } from '../script';
import type { OverReply } from '../settle-beside';

/**
 * Lets ended hashes expire, or deletes them (0), or keeps them for good (-1). A deleted one with places left to use up keeps
 * their number. Replies 0 where the task has not ended: it is gone, or runs again.
 */
export const retain = defineBatchScript<'successMs' | 'failureMs', never, OverReply>({
  name: 'retain',
  args: ['successMs', 'failureMs'],
  row: [],
  lua: `
  local found = redis.pcall('HMGET', key, 'state', 'unique', 'logged')
  -- A key of another type is no task; any other refusal is told.
  if found.err and not string.find(found.err, 'WRONGTYPE', 1, true) then error(found.err) end
  local state = found[1]
  if state ~= 'SUCCESS' and state ~= 'ERROR' and state ~= 'EXCEPTION' then return 0 end
  local keepMs = state == 'SUCCESS' and successMs or failureMs
  if keepMs == '0' then
    local skip = redis.call('HGET', key, 'skip')
    redis.call('DEL', key)
    if skip then redis.call('HSET', key, 'skip', skip) end
  elseif keepMs == '-1' then
    redis.call('HSET', key, 'kept', 1)
  else
    redis.call('PEXPIRE', key, keepMs)
  end
  if found[3] then return { found[2] or '', keepMs } end
  return found[2] or 1`,
});

import { defineBatchScript } from '../script';
import type { OverReply } from '../settle-beside';
import { USE_UP_SKIP } from './open-parts';
import { REMOVE_TASK } from './parts';

/**
 * Deletes a task that waits and whose places (so many) a worker has in hand; one that is to be skipped is used up instead. Replies 0 where
 * none was deleted.
 */
export const discard = defineBatchScript<'worker' | 'queueField', 'places', OverReply>({
  name: 'discard',
  args: ['worker', 'queueField'],
  row: ['places'],
  prepare: USE_UP_SKIP + REMOVE_TASK,
  lua: `
  local found = redis.pcall('HMGET', key, 'task', 'state', 'skip', usedField, 'queue', 'unique', 'logged')
  if found.err then return 0 end
  local skip, used = found[3], tonumber(found[4]) or 0
  while used < tonumber(places) and useUpSkip(key, found[1], skip, found[5]) do
    used = used + 1
    skip = redis.call('HGET', key, 'skip')
  end
  if found[1] and used > 0 then redis.call('HSET', key, usedField, used) end
  if used == tonumber(places) or not found[1] or (found[2] or 'WAIT') ~= 'WAIT' then return 0 end
  removeTask(key, skip)
  if found[7] then return { found[6] or '', '0' } end
  return found[6] or 1`,
});

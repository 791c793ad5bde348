import { defineBatchScript } from '../script';
import { USE_UP_SKIP } from './open-parts';
import { REMOVE_TASK } from './parts';

/**
 * Deletes a task that waits and whose place a worker has in hand; a place that is to be skipped is used up. Replies 1 if a
 * task was deleted.
 */
export const discard = defineBatchScript<'worker', never, 0 | 1>({
  name: 'discard',
  args: ['worker'],
  row: [],
  prepare: USE_UP_SKIP + REMOVE_TASK,
  lua: `
  local found = redis.pcall('HMGET', key, 'task', 'state', 'skip', usedField)
  if found.err or found[4] then return 0 end
  if found[3] then
    useUpSkip(key, found[1], tonumber(found[3]) or 0)
    return 0
  end
  if not found[1] or (found[2] or 'WAIT') ~= 'WAIT' then return 0 end
  removeTask(key, false)
  return 1`,
});

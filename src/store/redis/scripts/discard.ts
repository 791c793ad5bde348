import { defineBatchScript } from '../script';
import { USE_UP_SKIP } from './open-parts';
import { REMOVE_TASK } from './parts';

/**
 * Deletes a task that waits and whose place a worker has in hand; a place that is to be skipped is used up. Replies 1 if a
 * task was deleted.
 */
export const discard = defineBatchScript<'worker' | 'queueField', never, 0 | 1>({
  name: 'discard',
  args: ['worker', 'queueField'],
  row: [],
  prepare: USE_UP_SKIP + REMOVE_TASK,
  lua: `
  local found = redis.pcall('HMGET', key, 'task', 'state', 'skip', usedField, 'queue')
  if found.err or found[4] then return 0 end
  if useUpSkip(key, found[1], found[3], found[5]) then return 0 end
  if not found[1] or (found[2] or 'WAIT') ~= 'WAIT' then return 0 end
  removeTask(key, found[3])
  return 1`,
});

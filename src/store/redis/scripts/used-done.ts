import { defineBatchScript } from '../script';

/** Notes that the place which a worker has used up without effect is given up. Replies 1 if it was not noted yet. */
export const usedDone = defineBatchScript<'worker' | 'queueField', never, 0 | 1>({
  name: 'used_done',
  args: ['worker', 'queueField'],
  row: [],
  prepare: `
local usedField = 'used:' .. worker .. (queueField == '' and '' or '@' .. queueField)`,
  lua: `
  local deleted = redis.pcall('HDEL', key, usedField)
  return type(deleted) == 'number' and deleted or 0`,
});

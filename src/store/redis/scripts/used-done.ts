import { defineBatchScript } from '../script';

/** Notes that the place which a worker has used up without effect is given up. Replies 1 if it was not noted yet. */
export const usedDone = defineBatchScript<'worker', never, 0 | 1>({
  name: 'used_done',
  args: ['worker'],
  row: [],
  lua: `
  local deleted = redis.pcall('HDEL', key, 'used:' .. worker)
  return type(deleted) == 'number' and deleted or 0`,
});

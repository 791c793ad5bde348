import { defineBatchScript } from '../script';

/** Notes that the place which a worker has used up without effect is given up. Replies 1 if it was not noted yet. */
export const usedDone = defineBatchScript<'worker', never, 0 | 1>({
  name: 'used_done',
  args: ['worker'],
  row: [],
  lua: `
  if redis.pcall('HGET', key, 'used') ~= worker then return 0 end
  return redis.call('HDEL', key, 'used')`,
});

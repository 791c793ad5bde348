import { defineBatchScript } from '../script';

/** Notes that the push owed under a token has been made. Replies 1 if it was still owed. */
export const pushDone = defineBatchScript<never, 'token', 0 | 1>({
  name: 'push_done',
  args: [],
  row: ['token'],
  lua: `
  if redis.call('HGET', key, 'push') ~= token then return 0 end
  return redis.call('HDEL', key, 'push')`,
});

import { defineScript } from '../script';

/** Takes back the notes of firings that are made: the rest are their ids. */
export const releaseFirings = defineScript<'owed' | 'claims', never, number>({
  name: 'release_firings',
  keys: ['owed', 'claims'],
  args: [],
  lua: `
redis.call('ZREM', claims, unpack(ARGV))
return redis.call('HDEL', owed, unpack(ARGV))`,
});

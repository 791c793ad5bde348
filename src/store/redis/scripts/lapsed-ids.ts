import { defineScript } from '../script';
import { NOW } from './parts';

/** Replies up to `limit` members of a sorted set of times that have passed, the longest passed first. */
export const lapsedIds = defineScript<'times', 'limit', string[]>({
  name: 'lapsed_ids',
  keys: ['times'],
  args: ['limit'],
  lua: `${NOW}
return redis.call('ZRANGE', times, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)`,
});

import { defineScript } from '../script';

/** Replies up to `limit` members of a sorted set of times that have passed, the longest passed first. */
export const lapsedIds = defineScript<'times', 'limit', string[]>({
  name: 'lapsed_ids',
  keys: ['times'],
  args: ['limit'],
  lua: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGE', times, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)`,
});

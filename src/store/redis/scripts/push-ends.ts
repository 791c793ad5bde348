import { defineScript } from '../script';

/** Puts the ids of the rest into the end queue, the first of them first. Replies its length. */
export const pushEnds = defineScript<'queue', never, number>({
  name: 'push_ends',
  // What has left the active set must be in the end queue.
  allowOom: true,
  keys: ['queue'],
  args: [],
  lua: `return redis.call('LPUSH', queue, unpack(ARGV))`,
});

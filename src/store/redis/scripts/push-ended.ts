import { defineScript } from '../script';

/** Puts an ended id into the end queue unless it is there already. Replies 1 if it was put there. */
export const pushEnded = defineScript<'queue', 'id', 0 | 1>({
  name: 'push_ended',
  keys: ['queue'],
  args: ['id'],
  lua: `
if redis.call('LPOS', queue, id) then return 0 end
redis.call('LPUSH', queue, id)
return 1`,
});

import { defineScript } from '../script';

/** Takes an id out of where it waits for its time or by its priority. Replies how many places it had there. */
export const withdraw = defineScript<'delayed' | 'levels' | 'prioritized', 'id', number>({
  name: 'withdraw',
  keys: ['delayed', 'levels', 'prioritized'],
  args: ['id'],
  lua: `
redis.call('HDEL', levels, id)
return redis.call('ZREM', delayed, id) + redis.call('ZREM', prioritized, id)`,
});

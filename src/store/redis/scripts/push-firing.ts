import { defineScript } from '../script';
import { NOW } from './parts';

/**
 * Pushes the id of a firing unless it was pushed before, up to `untilMs`. The mark that tells so lives for a week, should nobody make
 * it an hour once the firing is owed no more. Replies 1 if the id has been pushed, now or before; -1 if it is too late.
 */
export const pushFiring = defineScript<'queue' | 'pushed', 'id' | 'untilMs', 1 | -1>({
  name: 'push_firing',
  keys: ['queue', 'pushed'],
  args: ['id', 'untilMs'],
  lua: `${NOW}
if now >= tonumber(untilMs) then return -1 end
if redis.call('SET', pushed, 1, 'NX', 'EX', 604800) then redis.call('LPUSH', queue, id) end
return 1`,
});

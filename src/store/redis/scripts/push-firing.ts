import { defineScript } from '../script';
import { NOW } from './parts';
import { PRIORITIZE } from './prioritize';

/**
 * Pushes the id of a firing unless it was pushed before, up to `untilMs`, to the end of the queue or, where there are `levels`, where
 * those of a priority wait; and tells who waits elsewhere on `wake`, where one is given. The mark that tells so lives for a week, should
 * nobody make it an hour once the firing is owed no more. Replies 1 if the id has been pushed, now or before; -1 if it is too late.
 */
export const pushFiring = defineScript<
  'queue' | 'prioritized' | 'pushed',
  'id' | 'untilMs' | 'levels' | 'wake',
  1 | -1
>({
  name: 'push_firing',
  keys: ['queue', 'prioritized', 'pushed'],
  args: ['id', 'untilMs', 'levels', 'wake'],
  lua: `${NOW}${PRIORITIZE}
if now >= tonumber(untilMs) then return -1 end
if not redis.call('SET', pushed, 1, 'NX', 'EX', 604800) then return 1 end
if levels == '' then redis.call('LPUSH', queue, id) else prioritize(prioritized, levels, id) end
if wake ~= '' then redis.call('PUBLISH', wake, '') end
return 1`,
});

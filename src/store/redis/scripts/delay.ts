import { defineScript } from '../script';
import { DELAY_UNTIL } from './parts';

/**
 * Puts ids beside the queue until they are due. The rest are triples: when, in epoch milliseconds; the id; and the priority that it is
 * to have then (empty: that of all others). Replies their number.
 */
export const delay = defineScript<'delayed' | 'levels', 'wake', number>({
  name: 'delay',
  keys: ['delayed', 'levels'],
  args: ['wake'],
  lua: `${DELAY_UNTIL}
for i = 2, #ARGV, 3 do
  if ARGV[i + 2] ~= '' then redis.call('HSET', levels, ARGV[i + 1], ARGV[i + 2]) end
  -- Those due at the same time are taken in the order of a call.
  delayUntil(delayed, wake, string.format('%.3f', ARGV[i] + math.min(999, (i - 2) / 3) / 1000), ARGV[i + 1])
end
return (#ARGV - 1) / 3`,
});

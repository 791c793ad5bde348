import { defineScript } from '../script';
import { DELAY_UNTIL } from './parts';

/** Puts ids beside the queue until they are due: the rest are pairs of when, in epoch milliseconds, and id. Replies their number. */
export const delay = defineScript<'delayed', 'wake', number>({
  name: 'delay',
  keys: ['delayed'],
  args: ['wake'],
  lua: `${DELAY_UNTIL}
for i = 2, #ARGV, 2 do delayUntil(delayed, wake, ARGV[i], ARGV[i + 1]) end
return (#ARGV - 1) / 2`,
});

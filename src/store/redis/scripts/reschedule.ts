import { defineScript } from '../script';
import { DELAY_UNTIL, DUE_OF, NOW } from './parts';

/** Gives an id that waits beside the queue another time. Replies it, in epoch milliseconds as text, or 0: it does not wait there. */
export const reschedule = defineScript<'delayed', 'wake' | 'due' | 'id', string | 0>({
  name: 'reschedule',
  keys: ['delayed'],
  args: ['wake', 'due', 'id'],
  lua: `${NOW}${DUE_OF}${DELAY_UNTIL}
if not redis.call('ZSCORE', delayed, id) then return 0 end
due = dueOf(due)
delayUntil(delayed, wake, due, id)
return due`,
});

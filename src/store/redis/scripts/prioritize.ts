import { PRIORITY_STEP_MS } from '../../../task/priority';
import { defineScript } from '../script';
import { NOW } from './parts';

/**
 * Lua: puts an id where those of a priority wait, `levels` above (negative) or below that of all others, as if it had been
 * enqueued so much earlier or later.
 */
export const PRIORITIZE = `
local function prioritize(prioritized, levels, id, place)
  -- To the microsecond, one for each before it in a call: within a priority they are taken in their order.
  local score = time[1] * 1000 + (time[2] + (place or 0)) / 1000 + levels * ${PRIORITY_STEP_MS}
  redis.call('ZADD', prioritized, string.format('%.3f', score), id)
end`;

/**
 * Puts ids into the queue by their priority, and tells those who wait. The rest are pairs: by how many levels the id comes after those
 * of the usual priority (negative: before), and the id. Replies their number.
 */
export const prioritize = defineScript<'prioritized', 'wake', number>({
  name: 'prioritize',
  keys: ['prioritized'],
  args: ['wake'],
  lua: `${NOW}${PRIORITIZE}
for i = 2, #ARGV, 2 do prioritize(prioritized, ARGV[i], ARGV[i + 1], i / 2) end
redis.call('PUBLISH', wake, '')
return (#ARGV - 1) / 2`,
});

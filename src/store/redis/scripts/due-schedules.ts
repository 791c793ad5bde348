import { defineScript } from '../script';
import { NOW_AND_TEXT } from './parts';

export type DueSchedulesReply = [
  nowMs: number,
  claimEndsMs: number,
  /** -1: there is no next one. */
  nextInMs: number,
  due: [name: string, text: string, dueMs: string, lastId: string, lastIsOwed: 0 | 1][],
  owed: string[],
];

/**
 * Looks for schedules that are due, at most 100, and claims up to 100 owed firings that nobody has claimed for `claimMs`.
 * Replies the time, when the claims end, how long until the next is due or a claim ends, the schedules and the firings.
 */
export const dueSchedules = defineScript<
  'schedules' | 'due' | 'state' | 'owed' | 'claims',
  'claimMs',
  DueSchedulesReply
>({
  name: 'due_schedules',
  keys: ['schedules', 'due', 'state', 'owed', 'claims'],
  args: ['claimMs'],
  lua: `${NOW_AND_TEXT}
local found, taken, claimEndsMs = {}, {}, now + claimMs
local pairsDue = redis.call('ZRANGE', due, '-inf', nowText, 'BYSCORE', 'LIMIT', 0, 100, 'WITHSCORES')
for i = 1, #pairsDue, 2 do
  local name = pairsDue[i]
  local text, lastId = redis.call('HGET', schedules, name), redis.call('HGET', state, 'last-id:' .. name)
  local lastIsOwed = lastId and redis.call('HEXISTS', owed, lastId) or 0
  found[#found + 1] = { name, text or '', pairsDue[i + 1], lastId or '', lastIsOwed }
end
for _, id in ipairs(redis.call('ZRANGE', claims, '-inf', nowText, 'BYSCORE', 'LIMIT', 0, 100)) do
  local task = redis.call('HGET', owed, id)
  if task then redis.call('ZADD', claims, claimEndsMs, id) else redis.call('ZREM', claims, id) end
  taken[#taken + 1] = task or nil
end
local nextInMs = -1
for _, key in ipairs({ due, claims }) do
  local first = redis.call('ZRANGE', key, '(' .. nowText, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')[2]
  if first and (nextInMs < 0 or first - now < nextInMs) then nextInMs = first - now end
end
return { now, claimEndsMs, nextInMs, found, taken }`,
});

import { MOST_ERRORS, type RequeueReply } from '../../worker-store';
import { defineScript } from '../script';
import { HOLDS_LEASE, NOW, REMOVE_TASK, STOP_TASK } from './parts';

/**
 * Has a failed run be followed by another one after a delay, unless a stop or removal was asked for. Replies what became of
 * the task, and when it is due, in epoch milliseconds as text: the id is still to be put beside the queue, once under its
 * token; the log of a removed one is to be deleted, if it was `logged`. One more argument is the context of the run, for the next one to link to.
 */
export const retry = defineScript<
  'key',
  'token' | 'delayMs' | 'error' | 'event',
  ['requeued', due: string] | [RequeueReply, logged?: '1']
>({
  name: 'retry',
  keys: ['key'],
  args: ['token', 'delayMs', 'error', 'event'],
  lua: `${NOW}${HOLDS_LEASE}${REMOVE_TASK}${STOP_TASK}
local found = redis.pcall('HMGET', key, 'lease', 'state', 'control', 'skip', 'last_update', 'push', 'due', 'failures', 'errors', 'logged')
if found.err then return { 'lost' } end
if found[2] == 'WAIT' and found[1] == token and found[6] == token then return { 'requeued', found[7] } end
if not holds(token, found[1], found[2], found[5]) then return { 'lost' } end
if found[3] == 'remove' then
  removeTask(key, found[4])
  return { 'removed', found[10] and '1' }
end
if found[3] == 'stop' then
  stopTask(key)
  return { 'stopped' }
end
local isJson, before = pcall(cjson.decode, found[9] or '[]')
if not isJson or type(before) ~= 'table' then before = {} end
local errors = {}
for place = math.max(1, #before - ${MOST_ERRORS - 2}), #before do table.insert(errors, before[place]) end
table.insert(errors, error)
local due = string.format('%.0f', now + delayMs)
-- It came to an end: its worker did not die of it.
redis.call('HDEL', key, 'control', 'crashes')
redis.call('HSET', key, 'state', 'WAIT', 'push', token, 'due', due, 'failures', (tonumber(found[8]) or 0) + 1,
  'errors', cjson.encode(errors))
if ARGV[5] then redis.call('HSET', key, 'attempt_trace', ARGV[5]) end
redis.call('PUBLISH', key, event)
return { 'requeued', due }`,
});

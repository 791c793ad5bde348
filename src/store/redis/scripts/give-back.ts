import type { RequeueReply } from '../../worker-store';
import { defineBatchScript } from '../script';
import { HOLDS_LEASE, REMOVE_TASK, STOP_TASK } from './parts';

/**
 * Ends a run before its task did, as the stored intent wants it; `intent` stands in where none is stored: `stop` for a
 * run that was stopped, `requeue` for one that goes on elsewhere, `discard` for a local task whose worker leaves.
 * Replies what became of the task; a requeued one is still to be pushed, once under its token; the log of a removed one is to be deleted, if it was `logged`. A hash with places left to
 * use up keeps their number and nothing else. The rest are pairs of a key and the context of its run, for the next one to link to.
 */
export const giveBack = defineBatchScript<'intent', 'token', [RequeueReply, logged?: 1]>({
  name: 'give_back',
  args: ['intent'],
  row: ['token'],
  prepare: `${HOLDS_LEASE}${REMOVE_TASK}${STOP_TASK}
local traces = {}
for i = rest, #ARGV, 2 do traces[ARGV[i]] = ARGV[i + 1] end`,
  lua: `
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'control', 'skip', 'last_update', 'push', 'logged')
  if found.err then return { 'lost' } end
  if found[2] == 'WAIT' and found[1] == token and found[6] == token and intent == 'requeue' then return { 'requeued' } end
  if not holds(token, found[1], found[2], found[5]) then return { 'lost' } end
  local control = found[3]
  if control == 'remove' or intent == 'discard' then
    removeTask(key, found[4])
    return { 'removed', found[7] and 1 }
  end
  if control == 'stop' or intent == 'stop' then
    stopTask(key)
    return { 'stopped' }
  end
  redis.call('HDEL', key, 'control')
  redis.call('HSET', key, 'state', 'WAIT', 'push', token)
  if traces[key] then redis.call('HSET', key, 'attempt_trace', traces[key]) end
  redis.call('PUBLISH', key, '{"event":"requeue","data":null}')
  return { 'requeued' }`,
});

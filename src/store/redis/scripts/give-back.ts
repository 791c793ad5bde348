import { defineBatchScript } from '../script';

export type GiveBackReply = 'requeued' | 'stopped' | 'removed' | 'lost';

/**
 * Ends a run before its task did, as the stored intent wants it; `intent` stands in where none is stored: `stop` for a
 * run that was stopped, `requeue` for one that goes on elsewhere, `discard` for a local task whose worker leaves.
 * Replies what became of the task. A hash with places left to use up keeps their number and nothing else.
 */
export const giveBack = defineBatchScript<'intent', 'token', GiveBackReply>({
  name: 'give_back',
  args: ['intent'],
  row: ['token'],
  lua: `
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'control', 'skip')
  if found.err or found[1] ~= token or found[2] ~= 'RUNNING' then return 'lost' end
  local control = found[3]
  if control == 'remove' or intent == 'discard' then
    redis.call('DEL', key)
    if found[4] then redis.call('HSET', key, 'skip', found[4]) end
    redis.call('PUBLISH', key, '{"event":"remove","data":null}')
    return 'removed'
  end
  redis.call('HDEL', key, 'control')
  if control == 'stop' or intent == 'stop' then
    redis.call('HDEL', key, 'lease')
    redis.call('HSET', key, 'state', 'STOPPED')
    redis.call('PUBLISH', key, '{"event":"stop","data":null}')
    return 'stopped'
  end
  redis.call('HSET', key, 'state', 'WAIT')
  redis.call('PUBLISH', key, '{"event":"requeue","data":null}')
  return 'requeued'`,
});

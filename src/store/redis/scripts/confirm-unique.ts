import { defineScript } from '../script';
import { WRITE_NEW } from './enqueue';
import { DUE_OF } from './parts';

/** The state of the task of a claim, the push that it owes and when that is due; or what there is in its place. */
export type ConfirmReply = readonly [state: string, push: string, due: string] | readonly ['none' | 'exists'];

/**
 * Writes the task that was staged under a claim which has got the key, unless that is done; it then owes its push under `token`.
 * Whoever meets the claim may call this. Replies as `ConfirmReply`: `none` where there is no task of this claim,
 * `exists` where another task of its id waits or runs.
 */
export const confirmUnique = defineScript<'key' | 'staged', 'claim' | 'token', ConfirmReply>({
  name: 'confirm_unique',
  keys: ['key', 'staged'],
  args: ['claim', 'token'],
  lua: `${WRITE_NEW}${DUE_OF}
local new = redis.call('HMGET', staged, 'name', 'data', 'cleanup', 'fresh', 'due')
if new[1] then
  redis.call('DEL', staged)
  if writeNew(key, new[1], new[2], new[3], new[4]) == 0 then return { 'exists' } end
  local due = new[5] and dueOf(new[5]) or ''
  redis.call('HSET', key, 'unique', claim, 'push', token)
  if new[5] then redis.call('HSET', key, 'due', due) end
  return { 'WAIT', token, due }
end
local found = redis.pcall('HMGET', key, 'unique', 'state', 'push', 'due')
if found.err or found[1] ~= claim then return { 'none' } end
return { found[2] or 'WAIT', found[3] or '', found[4] or '' }`,
});

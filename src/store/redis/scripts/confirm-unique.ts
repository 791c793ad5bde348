import { defineScript } from '../script';
import { WRITE_NEW } from './enqueue';

/** The state of the task of a claim, the push that it owes, when that is due and to what place it goes; or what there is in its place. */
export type ConfirmReply =
  | readonly [state: string, push: string, due: string, queue: string, priority: string]
  | readonly ['none' | 'exists'];

/**
 * Writes the task that was staged under a claim which has got the key, unless that is done; it then owes its push under `token`.
 * Whoever meets the claim may call this. Replies as `ConfirmReply`: `none` where there is no task of this claim,
 * `exists` where another task of its id waits or runs.
 */
export const confirmUnique = defineScript<'key' | 'staged', 'claim' | 'token', ConfirmReply>({
  name: 'confirm_unique',
  keys: ['key', 'staged'],
  args: ['claim', 'token'],
  lua: `${WRITE_NEW}
local new = redis.call('HMGET', staged, 'name', 'data', 'extra', 'fresh', 'due')
if new[1] then
  redis.call('DEL', staged)
  if writeNew(key, new[1], new[2], new[3], new[4]) == 0 then return { 'exists' } end
  local due = new[5] and dueOf(new[5]) or ''
  redis.call('HSET', key, 'unique', claim, 'push', token)
  if new[5] then redis.call('HSET', key, 'due', due) end
end
local found = redis.pcall('HMGET', key, 'unique', 'state', 'push', 'due', 'queue', 'priority')
if found.err or found[1] ~= claim then return { 'none' } end
return { found[2] or 'WAIT', found[3] or '', found[4] or '', found[5] or '', found[6] or '' }`,
});

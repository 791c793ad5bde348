import { defineBatchScript } from '../script';

/**
 * Says what the check of the places asks of a key, in few different texts: empty where there is no key, `other-type`, `update-remainder`, or by
 * lines `removed` and the field `skip`; or `task`, five marks (it stays in the active set, names a lease and a worker, owes a push, is kept
 * for good, expires), `state`, `queue` and `skip`.
 */
export const keyFacts = defineBatchScript<never, never, string>({
  name: 'key_facts',
  args: [],
  row: [],
  prepare: `
local function given(value) return value and value ~= '' end
local function mark(is) return is and '1' or '0' end`,
  lua: `
  local found = redis.pcall('HMGET', key, 'task', 'state', 'cleanup', 'lease', 'worker', 'skip', 'push', 'kept', 'last_update', 'queue')
  if found.err then
    if string.find(found.err, 'WRONGTYPE') then return 'other-type' end
    error(found.err)
  end
  local state, skip = found[2], found[6]
  if not given(found[1]) and not given(state) then
    if given(skip) then return 'removed\\n' .. skip end
    if given(found[9]) then return 'update-remainder' end
  end
  local ttl = redis.call('PTTL', key)
  if ttl == -2 then return '' end
  local marks = mark(found[3] == 'false') .. mark(given(found[4]) and given(found[5])) .. mark(given(found[7]))
    .. mark(found[8] == '1') .. mark(ttl >= 0)
  return 'task\\n' .. marks .. '\\n' .. (state or '') .. '\\n' .. (found[10] or '') .. '\\n' .. (skip or '')`,
});

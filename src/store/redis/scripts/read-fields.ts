import { defineBatchScript } from '../script';

/**
 * The fields of the hash that the rest names, in their order. Replies an empty list for a key of another type, which is no task.
 * A script, as a command for each hash costs the client more than all else that it does with them.
 */
export const readFields = defineBatchScript<never, never, (string | null)[]>({
  name: 'read_fields',
  args: [],
  row: [],
  prepare: 'local fields = { unpack(ARGV, rest) }',
  lua: `
  local found = redis.pcall('HMGET', key, unpack(fields))
  if not found.err then return found end
  if not string.find(found.err, 'WRONGTYPE', 1, true) then error(found.err) end
  return {}`,
});

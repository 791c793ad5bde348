import { defineBatchScript } from '../script';
import { NOW } from './parts';

/**
 * Writes the hash of a new task; where its id is `fresh` (1) nothing is looked for. Replies 1, or 0 where a task of this
 * id waits or runs, or the key is no hash.
 */
export const enqueue = defineBatchScript<never, 'name' | 'data' | 'cleanup' | 'fresh', 0 | 1>({
  name: 'enqueue',
  args: [],
  row: ['name', 'data', 'cleanup', 'fresh'],
  prepare: NOW,
  lua: `
  local found = fresh == '1' and {} or redis.pcall('HMGET', key, 'task', 'state')
  if found.err then return 0 end
  local state = found[2] or 'WAIT'
  if found[1] and (state == 'WAIT' or state == 'RUNNING') then return 0 end
  if found[1] or found[2] then
    redis.call('HDEL', key, 'output', 'attempt', 'ended', 'control', 'lease', 'progress', 'started', 'worker',
      'last_update', 'unknown_since', 'cleanup', 'local', 'crashes', 'kept')
    redis.call('PERSIST', key)
  end
  redis.call('HSET', key, 'task', name, 'data', data, 'state', 'WAIT', 'created', now)
  if cleanup == 'false' then redis.call('HSET', key, 'cleanup', cleanup) end
  return 1`,
});

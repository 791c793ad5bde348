import { defineBatchScript } from '../script';

/** Writes a local task and begins its run at once; it was in no queue. Replies 1. */
export const openLocal = defineBatchScript<'worker', 'name' | 'data' | 'cleanup' | 'token', 1>({
  name: 'open_local',
  args: ['worker'],
  row: ['name', 'data', 'cleanup', 'token'],
  prepare: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`,
  lua: `
  redis.call('DEL', key)
  redis.call('HSET', key, 'task', name, 'data', data, 'local', 'true', 'state', 'RUNNING', 'last_update',
    time[1] .. '.' .. string.format('%06d', time[2]), 'lease', token, 'worker', worker, 'created', now,
    'started', now, 'attempt', 1)
  if cleanup == 'false' then redis.call('HSET', key, 'cleanup', cleanup) end
  redis.call('PUBLISH', key, '{"event":"start","data":' ..
    cjson.encode({ task = name, attempt = 1, worker = worker }) .. '}')
  return 1`,
});

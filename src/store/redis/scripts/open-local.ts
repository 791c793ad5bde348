import { defineBatchScript } from '../script';
import { NOW_AND_STAMP } from './parts';

/** Writes a local task and begins its run at once; it was in no queue. Replies 1. */
export const openLocal = defineBatchScript<'worker', 'name' | 'data' | 'cleanup' | 'token', 1>({
  name: 'open_local',
  args: ['worker'],
  row: ['name', 'data', 'cleanup', 'token'],
  prepare: NOW_AND_STAMP,
  lua: `
  redis.call('DEL', key)
  redis.call('HSET', key, 'task', name, 'data', data, 'local', 'true', 'state', 'RUNNING', 'last_update',
    stamp, 'lease', token, 'worker', worker, 'created', now,
    'started', now, 'attempt', 1)
  if cleanup == 'false' then redis.call('HSET', key, 'cleanup', cleanup) end
  redis.call('PUBLISH', key, '{"event":"start","data":' ..
    cjson.encode({ task = name, attempt = 1, worker = worker }) .. '}')
  return 1`,
});

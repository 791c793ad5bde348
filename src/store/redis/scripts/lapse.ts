import { defineBatchScript } from '../script';
import { IS_OURS, NOW_AND_STAMP, REMOVE_TASK, STOP_TASK } from './parts';

/** What the monitor has to do about an id. */
export type LapseReply =
  | ['gone' | 'ended' | 'kept' | 'none']
  /** Over, here and now: a place in the inbox of the worker that ran it is still to be given up. */
  | ['stopped', worker: string, queue: string]
  /** The same; and its log is to be deleted, if it has one (1). */
  | ['removed', worker: string, queue: string, logged: 0 | 1]
  /** The same; and still to be put into the end queue, unless its clean-up is off (0). */
  | ['crashed', worker: string, queue: string, cleanup: 0 | 1]
  | ['alive', lapsesMs: number]
  /** Still to be pushed, once under the token; a place in the dead worker's inbox is given up for it. */
  | ['requeue', token: string, worker: string, queue: string, due?: string];

/**
 * Looks at a task whose worker may have died, and takes it over if it has: its last sign of life is older than
 * `leaseMs`. With `lapsed` 0 the id merely has no lease entry, as a foreign worker leaves it. A death is counted as a
 * crash where that `counts` (1), from 1 again where the run had gone on for longer than `longMs`; at `maxCrashes` the task ends, with `output`.
 */
export const lapse = defineBatchScript<'leaseMs' | 'longMs' | 'maxCrashes' | 'output' | 'counts', 'lapsed', LapseReply>(
  {
    name: 'lapse',
    args: ['leaseMs', 'longMs', 'maxCrashes', 'output', 'counts'],
    row: ['lapsed'],
    prepare: NOW_AND_STAMP + IS_OURS + REMOVE_TASK + STOP_TASK,
    lua: `
  local found = redis.pcall('HMGET', key, 'task', 'state', 'last_update', 'local', 'control', 'lease', 'cleanup', 'skip',
    'push', 'started', 'crashes', 'worker', 'due', 'queue', 'logged')
  local queue = found[14] or ''
  if found.err then return { 'none' } end
  if not found[1] and not found[2] and not found[3] then return { 'gone' } end
  local state, seen = found[2] or 'WAIT', math.floor((tonumber(found[3]) or 0) * 1000)
  local later = found[13] and tonumber(found[13]) > now
  if state == 'WAIT' and found[9] then return { 'requeue', found[9], found[12] or '', queue, later and found[13] } end
  if state == 'WAIT' then return { lapsed == '1' and 'kept' or 'none' } end
  -- A pytask worker ends a run without looking at what was asked for.
  if state ~= 'RUNNING' and found[5] == 'remove' then
    removeTask(key, found[8])
    return { 'removed', found[12] or '', queue, found[15] and 1 or 0 }
  end
  if state == 'STOPPED' then return { 'kept' } end
  if state ~= 'RUNNING' then
    if found[7] == 'false' then return { 'kept' } end
    return { (lapsed == '1' or now > seen + leaseMs) and 'ended' or 'none' }
  end
  if now <= seen + leaseMs then return { 'alive', seen + leaseMs } end
  if found[4] == 'true' or found[5] == 'remove' then
    removeTask(key, found[8])
    return { 'removed', found[12] or '', queue, found[15] and 1 or 0 }
  end
  if found[5] == 'stop' then
    stopTask(key)
    return { 'stopped', found[12] or '', queue }
  end
  redis.call('HDEL', key, 'control')
  local lived = seen - (tonumber(found[10]) or 0)
  local crashes = (lived > tonumber(longMs) and 0 or tonumber(found[11]) or 0) + tonumber(counts)
  if counts == '1' and crashes >= tonumber(maxCrashes) then
    redis.call('HDEL', key, 'lease')
    redis.call('HSET', key, 'state', 'EXCEPTION', 'output', output, 'ended', now, 'crashes', crashes)
    redis.call('PUBLISH', key, '{"event":"exception","data":' .. cjson.encode(output) .. '}')
    return { 'crashed', found[12] or '', queue, found[7] == 'false' and 0 or 1 }
  end
  -- A pytask worker leaves the lease of an earlier run of ours, whose mark may stand.
  local token = isOurs(found[3]) and found[6] or ('update-' .. (found[3] or 0))
  redis.call('HSET', key, 'state', 'WAIT', 'push', token, 'crashes', crashes)
  redis.call('PUBLISH', key, '{"event":"requeue","data":null}')
  return { 'requeue', token, found[12] or '', queue }`,
  },
);

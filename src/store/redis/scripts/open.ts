import { defineBatchScript } from '../script';
import { BEGIN, SLOT_OF, USE_UP_SKIP } from './open-parts';
import { IS_OURS, NOW_AND_STAMP } from './parts';

/** A run that was begun; its token is the call's base and the position. What a task mostly has not is left out at the end. */
export type OpenedReply = [
  position: number,
  attempt: number,
  name: string | null,
  data: string | null,
  cleanup?: string | null,
  local?: string | null,
  control?: string | null,
  unknown?: 0 | 1,
];

export type OpenReply =
  | OpenedReply
  | ['held', name: string]
  | ['unknown', name: string, delayMs: number]
  | ['used-up']
  | ['running']
  | ['no hash']
  | ['key of another type']
  | ['lapsed'];

/**
 * Begins the run of a taken id, unless something speaks against it; replies as `OpenReply`. The rest are triples: a name
 * this worker runs, the same as JSON, and how many more runs of it may begin (-1: any number). A run counts as alive while
 * its last sign of life is at most `leaseMs` old, unless it is this worker's own and the worker does not know of it (`here`
 * 0): the reply that began it was lost.
 */
export const open = defineBatchScript<
  'worker' | 'workerJson' | 'tokenBase' | 'claimEndsMs' | 'leaseMs' | 'unknownMs',
  'here',
  OpenReply
>({
  name: 'open',
  args: ['worker', 'workerJson', 'tokenBase', 'claimEndsMs', 'leaseMs', 'unknownMs'],
  row: ['here'],
  prepare: NOW_AND_STAMP + IS_OURS + USE_UP_SKIP + SLOT_OF + BEGIN,
  lua: `
  if now >= tonumber(claimEndsMs) then return { 'lapsed' } end
  local found = redis.pcall('HMGET', key, 'task', 'data', 'cleanup', 'local', 'control', 'state', 'last_update',
    'attempt', 'skip', 'unknown_since', 'worker', 'push', usedField)
  if found.err then return { 'key of another type' } end
  local name, state, updated = found[1], found[6] or 'WAIT', tonumber(found[7]) or 0
  -- The reply that told so was lost, or the place is not given up yet.
  if found[13] then return { 'used-up' } end
  if found[9] then return useUpSkip(key, name, tonumber(found[9]) or 0) end
  if not name and redis.call('EXISTS', key) == 0 then return { 'no hash' } end
  local alive = state == 'RUNNING' and now - updated * 1000 <= tonumber(leaseMs)
  if alive and (found[11] ~= worker or here == '1' or not isOurs(found[7])) then return { 'running' } end
  local refusal, unknown = slotOf(key, name, found[10])
  if refusal then return refusal end
  local anew = state ~= 'WAIT' and state ~= 'RUNNING'
  local attempt = anew and 1 or (tonumber(found[8]) or 0) + 1
  -- What was asked of a run that is over is not asked of this one; a reload has been done by opening the task.
  if found[5] and (anew or found[5] == 'reload') then redis.call('HDEL', key, 'control') end
  if anew then found[5] = false end
  begin(key, name, tokenBase .. ':' .. position, attempt, found[7] or found[10] or found[12])
  if not found[3] and not found[4] and not found[5] and unknown == 0 then return { position, attempt, name, found[2] } end
  return { position, attempt, name, found[2], found[3], found[4], found[5], unknown }`,
});

import { defineBatchScript } from '../script';
import { BEGIN, FIELDS_OF, NOTE_QUEUE, SLOT_OF, TRACES_OF, USE_UP_SKIP, WAITED } from './open-parts';
import { ENTER, ENTER_ALL, IS_OURS, NOW_AND_STAMP } from './parts';

/** A run that was begun. What a task mostly has not is left out at the end. */
export type OpenedReply = [
  attempt: number,
  name: string | null,
  data: string | null,
  /** As `WAITED` tells it, where that is asked for. */
  waitedMs?: number | null,
  cleanup?: string | null,
  local?: string | null,
  control?: string | null,
  unknown?: 0 | 1,
  failures?: string | null,
  leftMs?: number | null,
  trace?: string | null,
  attemptTrace?: string | null,
];

export type OpenReply =
  | OpenedReply
  | ['held', name: string]
  | ['unknown', name: string, delayMs: number]
  | ['limited', name: string, data: string | null, created?: string | null, priority?: string | null]
  | ['used-up', marked?: 0]
  | ['running']
  | ['no hash']
  | ['key of another type']
  | ['lapsed'];

/** Answers whether a run of the task has begun or goes on, and the reply. */
const OPEN_ONE = `${NOW_AND_STAMP}${IS_OURS}${FIELDS_OF}${USE_UP_SKIP}${SLOT_OF}${NOTE_QUEUE}${WAITED}${BEGIN}${TRACES_OF}
local function openOne(key, here)
  if now >= tonumber(claimEndsMs) then return false, { 'lapsed' } end
  local task, missing = fieldsOf(key)
  if missing then return false, { missing } end
  local name, state = task.task, task.state or 'WAIT'
  -- The reply that told so was lost, or the place is not given up yet.
  if task[usedField] then return false, { 'used-up' } end
  local skipped = useUpSkip(key, name, task.skip, task.queue)
  if skipped then return false, skipped end
  local alive = state == 'RUNNING' and now - (tonumber(task.last_update) or 0) * 1000 <= tonumber(leaseMs)
  if alive and (task.worker ~= worker or here == '1' or here == '3' or not isOurs(task.last_update)) then return true, { 'running' } end
  if limited[name] and here < '2' then
    return false, { 'limited', name, task.data or false, task.created or false, task.priority or false }
  end
  local refusal, unknown = slotOf(key, name, task.unknown_since)
  if refusal then return false, refusal end
  local anew = state ~= 'WAIT' and state ~= 'RUNNING'
  local attempt = anew and 1 or (tonumber(task.attempt) or 0) + 1
  -- What was asked of a run that is over is not asked of this one; a reload has been done by opening the task.
  if task.control and (anew or task.control == 'reload') then redis.call('HDEL', key, 'control') end
  local control = not anew and task.control
  if (task.queue or '') ~= queueField then noteQueue(key) end
  if anew and task.deadline then redis.call('HDEL', key, 'deadline') end
  local left = not anew and task.deadline and tonumber(task.deadline) - now
  begin(key, name, attempt, task.last_update or task.unknown_since or task.push or task.due or task.restarted)
  local failures = not anew and task.failures
  local traced = task.trace or task.attempt_trace
  local plain = not task.cleanup and not task['local'] and not control and unknown == 0 and not failures and not left
  if plain and not traced and timed == '0' then return true, { attempt, name or false, task.data } end
  local waited = timed == '1' and waitedOf(task)
  if plain and not traced then return true, { attempt, name or false, task.data or false, waited } end
  local reply = { attempt, name or false, task.data or false, waited, task.cleanup or false, task['local'] or false,
    control or false, unknown, failures or false, left or false }
  if traced then reply[11], reply[12] = tracesOf(task, attempt) end
  return true, reply
end`;

const args = ['worker', 'workerJson', 'token', 'claimEndsMs', 'leaseMs', 'unknownMs', 'queueField', 'timed'] as const;

/**
 * Begins the run of a taken id, unless something speaks against it; replies as `OpenReply`. The rest are triples: a name
 * this worker runs, the same as JSON, and how many more runs of it may begin (-1: any number), after an `L` where only those may begin
 * that hold a place under its limits, which `here` tells by 2 more. A run counts as alive while
 * its last sign of life is at most `leaseMs` old, unless it is this worker's own and the worker does not know of it (`here`
 * 0): the reply that began it was lost. `queueField` is the name of the queue that they were taken from, empty for the default one;
 * `timed` asks how long each task has waited (1).
 */
export const open = defineBatchScript<(typeof args)[number], 'here', OpenReply>({
  name: 'open',
  args,
  row: ['here'],
  prepare: OPEN_ONE,
  lua: `
  local _, reply = openOne(key, here)
  return reply`,
});

/**
 * As `open`, and in the same step puts what runs into the active set and the index of leases; the id of a task is what
 * follows `idStart - 1` bytes.
 */
export const openAndEnter = defineBatchScript<
  (typeof args)[number] | 'idStart',
  'here',
  OpenReply,
  'active' | 'leases'
>({
  name: 'open_and_enter',
  keys: ['active', 'leases'],
  args: [...args, 'idStart'],
  row: ['here'],
  prepare: OPEN_ONE + ENTER,
  lua: `
  local runs, reply = openOne(key, here)
  if runs then enter(key) end
  return reply`,
  conclude: ENTER_ALL,
});

import { defineBatchScript } from '../script';
import { DUE_OF, NOW_AND_TEXT } from './parts';

/** Lua: writes what most new tasks have not, fields and values as a list in JSON. */
export const WRITE_EXTRA = `${DUE_OF}
local function writeExtra(key, extra)
  if extra == '' then return end
  local fields = cjson.decode(extra)
  for i = 1, #fields, 2 do
    if fields[i] == 'deadline' then fields[i + 1] = dueOf(fields[i + 1]) end
  end
  redis.call('HSET', key, unpack(fields))
end`;

/** Lua: writes the hash of a new task, in place of what is over; 0 where a task of this id waits or runs. */
export const WRITE_NEW = `${NOW_AND_TEXT}${WRITE_EXTRA}
local function writeNew(key, name, data, extra, fresh)
  local found = fresh == '1' and {} or redis.pcall('HMGET', key, 'task', 'state')
  if found.err then return 0 end
  local state = found[2] or 'WAIT'
  if found[1] and (state == 'WAIT' or state == 'RUNNING') then return 0 end
  if found[1] or found[2] then
    redis.call('HDEL', key, 'output', 'attempt', 'ended', 'control', 'lease', 'progress', 'started', 'worker',
      'last_update', 'unknown_since', 'cleanup', 'local', 'crashes', 'kept', 'due', 'failures', 'errors', 'unique',
      'queue', 'priority', 'deadline', 'restarted', 'trace', 'attempt_trace', 'logged')
    redis.call('PERSIST', key)
  end
  redis.call('HSET', key, 'task', name, 'data', data, 'state', 'WAIT', 'created', nowText)
  writeExtra(key, extra)
  return 1
end`;

const row = ['name', 'data', 'extra', 'fresh'] as const;

/**
 * Writes the hash of a new task; `extra` holds what most tasks have not, fields and values as a list in JSON, a deadline as `dueOf` takes it. Where its id is `fresh` (1) nothing is looked for. Replies 1, or 0 where a task of this
 * id waits or runs, or the key is no hash.
 */
export const enqueue = defineBatchScript<never, (typeof row)[number], 0 | 1>({
  name: 'enqueue',
  args: [],
  row,
  prepare: WRITE_NEW,
  lua: 'return writeNew(key, name, data, extra, fresh)',
});

/**
 * As `enqueue`, and puts the ids into the queue, in the same step; the id of a task is what follows `idStart - 1` bytes. Those who
 * wait elsewhere are told on the channel `wake`, where one is given.
 */
export const enqueueAndPush = defineBatchScript<'idStart' | 'wake', (typeof row)[number], 0 | 1, 'queue'>({
  name: 'enqueue_and_push',
  keys: ['queue'],
  args: ['idStart', 'wake'],
  row,
  prepare: `${WRITE_NEW}
local written = {}`,
  lua: `
  if writeNew(key, name, data, extra, fresh) == 0 then return 0 end
  written[#written + 1] = string.sub(key, idStart)
  return 1`,
  conclude: `
if #written > 0 then
  redis.call('LPUSH', queue, unpack(written))
  if wake ~= '' then redis.call('PUBLISH', wake, '') end
end`,
});

/** As `enqueue`, of a task that is due later. Replies when, in epoch milliseconds as text; or 0 as `enqueue` does. */
export const enqueueLater = defineBatchScript<never, (typeof row)[number] | 'due', string | 0>({
  name: 'enqueue_later',
  args: [],
  row: [...row, 'due'],
  prepare: WRITE_NEW,
  lua: `
  if writeNew(key, name, data, extra, fresh) == 0 then return 0 end
  due = dueOf(due)
  redis.call('HSET', key, 'due', due)
  return due`,
});

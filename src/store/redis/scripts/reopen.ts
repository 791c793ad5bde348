import { defineBatchScript } from '../script';

export type ReopenReply =
  | [
      name: string | null,
      data: string | null,
      cleanup: string | null,
      local: string | null,
      attempt: string | null,
      control: string | null,
    ]
  | 0;

/** Puts a new run in place of the one that holds `token`; replies what it is to run with, or 0 if the lease is lost. */
export const reopen = defineBatchScript<'worker', 'token' | 'next', ReopenReply>({
  name: 'reopen',
  args: ['worker'],
  row: ['token', 'next'],
  prepare: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`,
  lua: `
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'task', 'data', 'cleanup', 'local', 'attempt', 'control')
  if found.err or found[1] ~= token or found[2] ~= 'RUNNING' then return 0 end
  redis.call('HDEL', key, 'output', 'progress')
  if found[8] == 'reload' then redis.call('HDEL', key, 'control') end
  redis.call('HSET', key, 'lease', next, 'worker', worker, 'started', now,
    'last_update', time[1] .. '.' .. string.format('%06d', time[2]))
  redis.call('PUBLISH', key, '{"event":"reload","data":null}')
  return { found[3], found[4], found[5], found[6], found[7], found[8] }`,
});

import { defineBatchScript } from '../script';
import { HOLDS_LEASE, NOW_AND_STAMP } from './parts';

export type ReopenReply =
  | [
      name: string | null,
      data: string | null,
      cleanup: string | null,
      local: string | null,
      attempt: string | null,
      control: string | null,
      leftMs: number | null,
      trace?: string | null,
    ]
  | 0;

/** Puts a new run in place of the one that holds `token`; replies what it is to run with, or 0 if the lease is lost. */
export const reopen = defineBatchScript<'worker', 'token' | 'next', ReopenReply>({
  name: 'reopen',
  args: ['worker'],
  row: ['token', 'next'],
  prepare: NOW_AND_STAMP + HOLDS_LEASE,
  lua: `
  local found = redis.pcall('HMGET', key, 'lease', 'state', 'task', 'data', 'cleanup', 'local', 'attempt', 'control', 'last_update',
    'deadline', 'trace')
  if found.err or not holds(token, found[1], found[2], found[9]) then return 0 end
  redis.call('HDEL', key, 'output', 'progress', 'failures', 'errors', 'attempt_trace')
  if found[8] == 'reload' then redis.call('HDEL', key, 'control') end
  redis.call('HSET', key, 'lease', next, 'worker', worker, 'started', now, 'last_update', stamp)
  redis.call('PUBLISH', key, '{"event":"reload","data":null}')
  return { found[3], found[4], found[5], found[6], found[7], found[8], found[10] and tonumber(found[10]) - now,
    found[11] or nil }`,
});

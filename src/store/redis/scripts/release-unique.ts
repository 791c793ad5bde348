import { defineBatchScript } from '../script';
import { NOW } from './parts';

/** Forgets a key whose task is over, once its window is, unless another claim has it by now. Replies 1 if it was the token's. */
export const releaseUnique = defineBatchScript<never, 'token', 0 | 1>({
  name: 'release_unique',
  args: [],
  row: ['token'],
  prepare: NOW,
  lua: `
  local found = redis.pcall('HMGET', key, 'token', 'at', 'window')
  if found.err or found[1] ~= token then return 0 end
  local left = (tonumber(found[2]) or 0) + (tonumber(found[3]) or 0) - now
  if left > 0 then redis.call('PEXPIRE', key, left) else redis.call('DEL', key) end
  return 1`,
});

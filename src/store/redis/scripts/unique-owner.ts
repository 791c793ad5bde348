import { defineScript } from '../script';
import { NOW } from './parts';

export type UniqueOwner = readonly [id: string, token: string, ageMs: number, settled: 0 | 1, settles: 0 | 1];

/** Replies which task has claimed a key last, how long ago, whether it is known to have been written, and whether that is still to be noted; or 0: none. */
export const uniqueOwner = defineScript<'unique', never, UniqueOwner | 0>({
  name: 'unique_owner',
  keys: ['unique'],
  args: [],
  lua: `${NOW}
local found = redis.call('HMGET', unique, 'id', 'token', 'at', 'settled', 'window')
if not found[1] or not found[2] then return 0 end
return { found[1], found[2], now - (tonumber(found[3]) or 0), found[4] and 1 or 0,
  not found[4] and found[5] ~= '0' and 1 or 0 }`,
});

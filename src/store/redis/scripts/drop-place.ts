import { defineScript } from '../script';

/** Takes an id out of a list or a sorted set, all of its places, unless there is a hash of it by now. Replies how many were taken out. */
export const dropPlace = defineScript<'hash' | 'place', 'id' | 'isList', number>({
  name: 'drop_place',
  keys: ['hash', 'place'],
  args: ['id', 'isList'],
  lua: `
if redis.call('EXISTS', hash) == 1 then return 0 end
if isList == '1' then return redis.call('LREM', place, 0, id) end
return redis.call('ZREM', place, id)`,
});

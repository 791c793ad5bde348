import { defineBatchScript } from '../script';
import { IS_OURS } from './parts';

export type ClaimedReply =
  | ['not yet', 0]
  | ['begun', lapsesMs: number]
  | ['used', places: number]
  | ['owed', 0, token: string, due: string];

/**
 * Says how far a dead worker has come with an id in its inbox: its run was begun (and when that run's lease lapses, in epoch
 * milliseconds), or places were used up without effect, and how many; in both cases only the places are still to be given up. Or a push
 * is owed for a run of it that was given back (and when that is due): whoever makes it gives the place up.
 */
export const claimed = defineBatchScript<'worker' | 'queueField' | 'leaseMs', never, ClaimedReply>({
  name: 'claimed',
  args: ['worker', 'queueField', 'leaseMs'],
  row: [],
  prepare: `${IS_OURS}
local usedField = 'used:' .. worker .. (queueField == '' and '' or '@' .. queueField)`,
  lua: `
  local found = redis.pcall('HMGET', key, 'state', 'worker', 'last_update', usedField, 'push', 'lease', 'due')
  if found.err then return { 'not yet', 0 } end
  if found[4] then return { 'used', tonumber(found[4]) or 1 } end
  if found[1] == 'WAIT' and found[2] == worker and found[5] and found[5] == found[6] then
    return { 'owed', 0, found[5], found[7] or '' }
  end
  if found[1] ~= 'RUNNING' or found[2] ~= worker or not isOurs(found[3]) then return { 'not yet', 0 } end
  return { 'begun', math.floor((tonumber(found[3]) or 0) * 1000) + leaseMs }`,
});

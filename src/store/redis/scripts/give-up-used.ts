import { defineBatchScript } from '../script';

/**
 * Gives up the place that a worker has used up without effect, and forgets that it did: in one step, as neither is to be repeated alone. A
 * place of an id looks like any other, so only the mark tells that one is over. For where one Redis has all keys. Replies 1 if it was still to be given up.
 */
export const giveUpUsed = defineBatchScript<'worker' | 'queueField', 'id', 0 | 1, 'inbox'>({
  name: 'give_up_used',
  keys: ['inbox'],
  args: ['worker', 'queueField'],
  row: ['id'],
  prepare: `
local usedField = 'used:' .. worker .. (queueField == '' and '' or '@' .. queueField)`,
  lua: `
  if redis.pcall('HDEL', key, usedField) ~= 1 then return 0 end
  redis.call('LREM', inbox, -1, id)
  return 1`,
});

import { defineScript } from '../script';

/** Puts ids that a worker has taken and not begun back to the head of the queue, the first of them last. */
export const putBack = defineScript<'queue' | 'inbox', never, number>({
  name: 'put_back',
  keys: ['queue', 'inbox'],
  args: [],
  lua: `
local back = 0
for _, id in ipairs(ARGV) do
  -- From the left, where the newest are: those go back first.
  if redis.call('LREM', inbox, 1, id) == 1 then
    redis.call('RPUSH', queue, id)
    back = back + 1
  end
end
return back`,
});

import { defineScript } from '../script';

/** Three lists of pairs: names and schedules, names and when they are due, and what is known of them. */
export type ListSchedulesReply = [schedules: string[], due: string[], state: string[]];

/** Replies all schedules, as they are at one moment. */
export const listSchedules = defineScript<'schedules' | 'due' | 'state', never, ListSchedulesReply>({
  name: 'list_schedules',
  keys: ['schedules', 'due', 'state'],
  args: [],
  lua: `
return { redis.call('HGETALL', schedules), redis.call('ZRANGE', due, 0, -1, 'WITHSCORES'), redis.call('HGETALL', state) }`,
});

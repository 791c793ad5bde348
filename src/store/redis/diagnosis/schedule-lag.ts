import ms from 'ms';
import { checksOf } from '../../diagnosis';
import type { CheckFunction } from './check-view';

const { ok, warning } = checksOf('schedules');

/** Whether a scheduler fires what is due. */
export const checkSchedules: CheckFunction = async ({ redis, keys, nowMs, overdueMs }) => {
  const { due } = keys.scheduling;
  const [count, [name, firesMs] = []] = await redis.call((client) =>
    Promise.all([client.zcard(due), client.zrange(due, '0', '0', 'WITHSCORES')]),
  );
  if (count === 0 || firesMs === undefined) return [];
  const lateMs = nowMs - Number(firesMs);
  if (lateMs <= overdueMs) return [ok(`${count} schedules, none is late`)];
  const remedy = 'Start a worker with a scheduler: none fires while there is no other.';
  return [warning(`the schedule ${name} should have fired ${ms(lateMs)} ago`, remedy)];
};

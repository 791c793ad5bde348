import ms from 'ms';
import { checksOf } from '../../diagnosis';
import type { CheckFunction } from './check-view';

const { ok, warning } = checksOf('cleanup');

/** What has ended, and waits for the cleanup. */
export const checkCleanup: CheckFunction = async ({ redis, keys, nowMs, overdueMs }) => {
  const [count, oldest] = await redis.call((client) =>
    Promise.all([client.llen(keys.endQueue), client.lindex(keys.endQueue, -1)]),
  );
  if (oldest === null) return [ok('no ended task waits for the cleanup')];
  const ended = await redis.call((client) => client.hget(keys.task(oldest), 'ended').catch(() => null));
  const sinceMs = ended === null ? 0 : nowMs - Number(ended);
  const told = `${count} ended tasks wait for the cleanup`;
  if (!(sinceMs > overdueMs)) return [ok(told)];
  return [
    warning(
      `${told}, the oldest since ${ms(sinceMs)}`,
      'Start a worker with a cleanup; where one runs, its handler may be too slow.',
    ),
  ];
};

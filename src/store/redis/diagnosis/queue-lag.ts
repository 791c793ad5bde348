import ms from 'ms';
import { type Check, checksOf } from '../../diagnosis';
import type { QueueRecord } from '../../task-reader';
import { RedisTaskReader } from '../redis-task-reader';
import type { CheckFunction, CheckView } from './check-view';

const { ok, note, warning } = checksOf('queue');
/** Of more queues only what is wrong is told. */
const MOST_TOLD = 50;

/** What waits in each queue, since when, and whether any worker takes from it. */
export const checkQueues: CheckFunction = async (view) => {
  const queues = await new RedisTaskReader(view.redis, view.keys).queues();
  const checks = (await Promise.all(queues.map((queue) => checkQueue(queue, view)))).flat();
  if (checks.length === 0) return [ok('nothing waits')];
  const telling = checks.filter(({ mark }) => mark !== 'ok');
  return checks.length <= MOST_TOLD ? checks : [ok(`${checks.length} queues in use`), ...telling.slice(0, MOST_TOLD)];
};

async function checkQueue(record: QueueRecord, { redis, keys, nowMs, overdueMs }: CheckView): Promise<Check[]> {
  const { name, waiting, delayed, oldestMs, paused } = record;
  if (waiting === 0 && delayed === 0) return [];
  const queue = keys.queue(name);
  const [workers, [, due] = []] = await redis.call((client) =>
    Promise.all([
      client.zcount(keys.workers(queue), nowMs, '+inf'),
      client.zrange(keys.delayed(queue), '0', '0', 'WITHSCORES'),
    ]),
  );
  const since = oldestMs === undefined ? '' : `, the oldest since ${ms(Math.max(0, nowMs - oldestMs))}`;
  const told = `${name}: ${waiting} wait${since}; ${delayed} are for later; ${workers} workers`;
  if (paused) return [note(`${told}; paused`, `client.queue('${name}').resume() opens it.`)];
  if (workers === 0 && waiting > 0)
    return [warning(`${told}: nobody takes from it`, 'Start a worker whose worker.queues holds this queue.')];
  const lateMs = due === undefined ? 0 : nowMs - Number(due);
  if (lateMs > overdueMs)
    return [
      warning(
        `${told}: one should have begun ${ms(lateMs)} ago`,
        'Workers of the queue begin it: does one run, and is it free?',
      ),
    ];
  return [ok(told)];
}

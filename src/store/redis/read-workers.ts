import type { TaskKeys } from '../../task/keys';
import { parseRecord } from '../../task/record';
import {
  MOST_RUNS_READ,
  NOT_READ,
  type Registration,
  type RunOfWorker,
  runsOf,
  type WorkerRecord,
  workerRecords,
} from '../worker-records';
import type { RedisConnection } from './redis-connection';
import { redisNowMs } from './redis-now-ms';
import { readFields } from './scripts/read-fields';

/** A worker that has left is registered for seconds still, as one that was silent for so long: see `reap_inbox`. */
const LEFT_MS = 3_580_000;

const RUN_FIELDS = ['state', 'worker', 'local', 'last_update'] as const;

/**
 * All workers that take from these queues. What it costs Redis grows with workers times queues, and with the runs up to
 * `MOST_RUNS_READ` where they are asked for, not with the tasks that wait or have ended.
 */
export async function readWorkers(
  redis: RedisConnection,
  keys: TaskKeys,
  queues: readonly string[],
  withRuns: boolean,
): Promise<WorkerRecord[]> {
  const nowMs = await redisNowMs(redis);
  const [registrations, runs] = await Promise.all([
    Promise.all(queues.map((queue) => registrationsOf(redis, keys, queue, nowMs))),
    withRuns ? readRuns(redis, keys) : NOT_READ,
  ]);
  return workerRecords(registrations.flat(), runs, nowMs);
}

async function registrationsOf(
  redis: RedisConnection,
  keys: TaskKeys,
  name: string,
  nowMs: number,
): Promise<Registration[]> {
  const queue = keys.queue(name);
  const pairs = await redis.call((client) =>
    client.zrange(keys.workers(queue), nowMs - LEFT_MS, '+inf', 'BYSCORE', 'WITHSCORES'),
  );
  const workers = pairs.filter((_, position) => position % 2 === 0);
  const sizes = await redis.call((client) =>
    Promise.all(workers.map((worker) => client.llen(keys.inbox(queue, worker)))),
  );
  return workers.map((worker, position) => ({
    worker,
    queue: name,
    untilMs: Number(pairs[2 * position + 1]),
    taken: sizes[position] ?? 0,
  }));
}

async function readRuns(redis: RedisConnection, keys: TaskKeys): Promise<{ runs: RunOfWorker[]; isAll: boolean }> {
  const ids = await redis.call((client) => client.zrange(keys.leases, '0', String(MOST_RUNS_READ), 'REV'));
  const isAll = ids.length <= MOST_RUNS_READ;
  const rows = await readFields.run(
    redis,
    ids.map((id) => ({ key: keys.task(id) })),
    {},
    RUN_FIELDS,
  );
  const runs = rows.flatMap((values, position) => {
    const hash = Object.fromEntries(
      RUN_FIELDS.map((field, place) => [field, values[place]]).filter(([, value]) => typeof value === 'string'),
    );
    return runsOf(parseRecord(ids[position] as string, hash));
  });
  return { runs, isAll };
}

import { SystemClock } from '../../src/clock';
import { silentLogger } from '../../src/logger';
import { LeaseIndex } from '../../src/store/redis/lease-index';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import { TaskKeys } from '../../src/task/keys';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

describe('the index of active tasks and leases on Redis', () => {
  const server = useServer(() => startRedis());
  const keys = new TaskKeys();
  const ENDED_MS = 1_000_000;
  let redis: RedisConnection;

  beforeEach(async () => {
    redis = new RedisConnection(server().url, new SystemClock(), silentLogger);
    await redis.call((client) => client.flushall());
    await redis.call((client) => client.sadd(keys.taskSet, 'a'));
  });

  afterEach(() => redis.close());

  async function whenLeft(lapsesMs: number, leaving: { stays: boolean; latestMs: number }) {
    await redis.call((client) => client.zadd(keys.leases, lapsesMs, 'a'));
    await new LeaseIndex(redis, keys).leave([{ id: 'a', ...leaving }]);
    return redis.call((client) => Promise.all([client.sismember(keys.taskSet, 'a'), client.zscore(keys.leases, 'a')]));
  }

  test('a run that is over leaves it', async () => {
    expect(await whenLeft(ENDED_MS, { stays: false, latestMs: ENDED_MS })).toEqual([0, null]);
  });

  test('a task that stays active loses its lease alone', async () => {
    expect(await whenLeft(ENDED_MS, { stays: true, latestMs: ENDED_MS })).toEqual([1, null]);
  });

  test('a newer run, pushed before its former one has left, stays in it', async () => {
    expect(await whenLeft(ENDED_MS + 1, { stays: false, latestMs: ENDED_MS })).toEqual([1, String(ENDED_MS + 1)]);
  });

  test('a living run stays in it where nothing is known of its lease', async () => {
    expect(await whenLeft(Date.now() + 60_000, { stays: false, latestMs: 0 })).toEqual([1, expect.any(String)]);
  });
});

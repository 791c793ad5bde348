import type { Redis } from 'ioredis';
import { SystemClock } from '../../src/clock';
import { silentLogger } from '../../src/logger';
import { checkPlaces } from '../../src/store/redis/check-places';
import { findSuspects } from '../../src/store/redis/find-suspects';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import { TaskKeys } from '../../src/task/keys';
import { DEFAULT_QUEUE } from '../../src/task/queue-name';
import { collectGarbage } from '../support/collect-garbage';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const server = useServer(() => startRedis());
const keys = new TaskKeys();

describe('the check of the places, on more tasks than fit into one go', () => {
  let redis: RedisConnection;
  let raw: Redis;

  beforeEach(async () => {
    redis = new RedisConnection(server().url, new SystemClock(), silentLogger);
    raw = server().connect();
    await raw.flushall();
  });

  afterEach(async () => {
    raw.disconnect();
    await redis.close();
  });

  /** Ids of which each stands where it should. */
  async function plant(count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, place) => `id-${place}`);
    const write = raw.pipeline();
    for (const [place, id] of ids.entries()) {
      if (place % 2 === 0) write.hset(keys.task(id), { task: 'probe' }).lpush(keys.newQueue, id);
      else write.hset(keys.task(id), { task: 'probe', state: 'STOPPED' }).sadd(keys.taskSet, id);
    }
    await write.exec();
    return ids;
  }

  test('looks at them in shares, and finds the same', async () => {
    await plant(5_000);
    await raw.lrem(keys.newQueue, 0, 'id-0');
    await raw.lpush(keys.newQueue, 'gone');
    const { ids, findings } = await checkPlaces(redis, keys, { idsAShare: 700 });
    expect(ids).toBe(5_001);
    expect(findings.map(({ id, problem }) => `${id} ${problem}`).sort()).toEqual(['gone no-hash', 'id-0 lost']);
  });

  test('tells the first findings, and counts the others', async () => {
    await plant(200);
    await raw.del(keys.newQueue);
    const { findings, untold } = await checkPlaces(redis, keys, { limit: 30 });
    expect(findings).toHaveLength(30);
    expect(untold).toEqual({ lost: 70 });
  });

  test('keeps neither the ids nor the facts of 20,000 tasks', async () => {
    await plant(20_000);
    const lists = [keys.newQueue, keys.endQueue];
    const at = {
      keys,
      places: { queues: [DEFAULT_QUEUE], inboxes: new Map(lists.map((list) => [list, new Set<string>()])) },
    };
    const search = async () => {
      const before = heapUsed();
      let [ids, most] = [0, 0];
      for await (const step of findSuspects(redis, { ...at, overdueMs: 1_000 })) {
        expect(step.suspects).toEqual([]);
        ids += step.ids;
        most = Math.max(most, heapUsed() - before);
      }
      expect(ids).toBe(20_000);
      return most;
    };
    // The first brings what the code itself takes.
    await search();
    // The ids alone, each with a place, would be 3 MB.
    expect(await search()).toBeLessThan(1_500_000);
  });
});

/** What is reachable, in bytes. */
function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

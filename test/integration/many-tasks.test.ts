import type { Redis } from 'ioredis';
import { Cluster } from 'ioredis';
import { eventually } from '../support/eventually';
import type { GuardedProcess } from '../support/guarded-process';
import { startPytaskWorker } from '../support/pytask-worker';
import { startCluster } from '../support/redis-cluster';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const TASKS = 10_000;
const IDS_A_PUSH = 500;

async function pushMany(redis: Redis | Cluster, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, position) => `many-${position}`);
  for (let start = 0; start < count; start += IDS_A_PUSH) {
    const some = ids.slice(start, start + IDS_A_PUSH);
    await Promise.all(some.map((id) => redis.hset(`task-${id}`, { task: 'echo', data: '{"text":"x"}' })));
    await redis.lpush('new-task', ...some);
  }
  return ids;
}

describe('two workers', () => {
  const server = useServer(() => startRedis());
  let workers: GuardedProcess[] = [];
  afterAll(() => Promise.all(workers.map((worker) => worker.stop())));

  test('10,000 tasks pushed by plain LPUSH all end exactly once', async () => {
    workers = await Promise.all([1, 2].map(() => startPytaskWorker({ REDIS_URL: server().url })));
    const redis = server().connect();
    const ends = new Map<string, number>();
    const subscriber = server().connect();
    subscriber.on('pmessage', (_pattern: string, channel: string, text: string) => {
      if (text.includes('"success"')) ends.set(channel, (ends.get(channel) ?? 0) + 1);
    });
    await subscriber.psubscribe('task-*');
    const ids = await pushMany(redis, TASKS);
    await eventually(async () => expect(await redis.llen('end-task')).toBe(TASKS), 25_000);
    await eventually(() => expect(ends.size).toBe(TASKS));
    expect([...ends.values()].every((count) => count === 1)).toBe(true);
    const states = await Promise.all(ids.map((id) => redis.hmget(`task-${id}`, 'state', 'attempt')));
    expect(new Set(states.map(String))).toEqual(new Set(['SUCCESS,1']));
    await eventually(async () => expect(await redis.scard('tasks')).toBe(0));
    expect(await redis.zcard('{tasks}:leases')).toBe(0);
    redis.disconnect();
    subscriber.disconnect();
  });
});

describe('a cluster of three masters', () => {
  const cluster = useServer(() => startCluster());
  let worker: GuardedProcess | undefined;
  afterAll(() => worker?.stop());

  test('with the default names, tasks run and their hashes lie on all three', async () => {
    const { masters, startupNodes } = cluster();
    worker = await startPytaskWorker({
      REDIS_CLUSTER: startupNodes.map(({ host, port }) => `${host}:${port}`).join(','),
    });
    const redis = new Cluster([...startupNodes]);
    await pushMany(redis, 300);
    await eventually(async () => expect(await redis.llen('end-task')).toBe(300), 25_000);
    const connections = masters.map((master) => master.connect());
    const counts = await Promise.all(connections.map(async (one) => (await one.keys('task-many-*')).length));
    for (const connection of [...connections, redis]) connection.disconnect();
    expect(counts.reduce((sum, count) => sum + count)).toBe(300);
    expect(Math.min(...counts)).toBeGreaterThan(50);
  });
});

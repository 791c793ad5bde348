import type { Redis } from 'ioredis';
import { type App, createApp } from '../../src';
import { TaskKeys } from '../../src/task/keys';
import { runScript } from '../support/child-process';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import type { GuardedProcess } from '../support/guarded-process';
import { type RedisServer, startRedis } from '../support/redis-server';

const PERIOD_MS = 1_000;
const ROUNDS = 5;
const KEYS = new TaskKeys();
const { scheduling } = KEYS;

describe('schedules of real workers', () => {
  let server: RedisServer;
  let redis: Redis;
  let client: App;
  const workers = new Set<GuardedProcess>();

  beforeEach(async () => {
    server = await startRedis({ appendOnly: true });
    redis = server.connect();
    client = await createApp({ redis: server.url, logger: false });
  });

  afterEach(async () => {
    await Promise.all([...workers].map((worker) => worker.stop()));
    workers.clear();
    await client.close();
    redis.disconnect();
    await server.stop();
  });

  async function startWorker(env: Record<string, string> = {}): Promise<GuardedProcess> {
    const worker = await runScript('test/support/schedule-worker.ts', { env: { REDIS_URL: server.url, ...env } });
    workers.add(worker);
    await worker.waitForLine(/^ready$/, 20_000);
    return worker;
  }

  /** The worker that is elected, as its name holds its process id. */
  function elected(): Promise<GuardedProcess> {
    return eventually(async () => {
      const name = (await redis.get(KEYS.duty('scheduler'))) ?? '';
      const worker = [...workers].find(({ pid }) => name.includes(`-${pid}-`));
      expect(worker).toBeDefined();
      return worker as GuardedProcess;
    }, 10_000);
  }

  /** Waits until a schedule is moved on; the firing is being made then. */
  async function untilMovedOn(name: string): Promise<void> {
    const dueMs = await redis.zscore(scheduling.due, name);
    await eventually(async () => expect(await redis.zscore(scheduling.due, name)).not.toBe(dueMs), 15_000);
  }

  /** Of each time the attempts of its task, the earliest time first. */
  async function ranAt(name: string): Promise<Map<number, string[]>> {
    const prefix = `schedule:${name}:`;
    const times = new Map<number, string[]>();
    for (const line of await redis.lrange('ran', 0, -1)) {
      const [id = '', attempt = ''] = line.split(' ');
      const timeMs = Number(id.slice(prefix.length));
      times.set(timeMs, [...(times.get(timeMs) ?? []), attempt]);
    }
    return new Map([...times].toSorted(([a], [b]) => a - b));
  }

  /** Waits until nothing is owed, waits or runs any more, and expects every time to have been fired once. */
  async function expectEachOnce(name: string, fromMs: number): Promise<number> {
    await client.client.schedules.pause(name);
    const { lastMs } = (await client.client.schedules.get(name)) as { lastMs: number };
    const count = (lastMs - fromMs) / PERIOD_MS + 1;
    const times = await eventually(async () => {
      const ran = await ranAt(name);
      expect([...ran.keys()]).toEqual(Array.from({ length: count }, (_, place) => fromMs + place * PERIOD_MS));
      return ran;
    }, 20_000);
    await expectPlacesClean(server.url, KEYS, 20_000);
    // One whose worker died runs again, as its next attempt; a second firing would be a first attempt once more.
    for (const attempts of times.values()) expect(new Set(attempts).size).toBe(attempts.length);
    return count;
  }

  test('fire each time once although the scheduler is killed in the middle, again and again', async () => {
    await Promise.all([startWorker(), startWorker(), startWorker()]);
    const fromMs = Number(await redis.zscore(scheduling.due, 'tick'));
    for (let round = 0; round < ROUNDS; round++) {
      await untilMovedOn('tick');
      const doomed = await elected();
      await untilMovedOn('tick');
      await doomed.stop();
      workers.delete(doomed);
      await startWorker();
    }
    expect(await expectEachOnce('tick', fromMs)).toBeGreaterThan(ROUNDS);
  }, 90_000);

  test('fire each time once although Redis was away for some of them', async () => {
    await Promise.all([startWorker(), startWorker()]);
    const fromMs = Number(await redis.zscore(scheduling.due, 'tick'));
    await untilMovedOn('tick');
    redis.disconnect();
    await server.crash();
    const downSinceMs = Date.now();
    await eventually(() => expect(Date.now() - downSinceMs).toBeGreaterThan(3 * PERIOD_MS));
    await server.revive();
    redis = server.connect();
    await untilMovedOn('tick');
    expect(await expectEachOnce('tick', fromMs)).toBeGreaterThan(3);
  }, 60_000);

  test('come back by themselves where Redis was emptied', async () => {
    await startWorker();
    await untilMovedOn('tick');
    await redis.flushall();
    await eventually(async () => expect(await redis.zscore(scheduling.due, 'tick')).not.toBeNull(), 15_000);
    await untilMovedOn('tick');
  }, 60_000);

  test('with nobody there for minutes do what catchUp says', async () => {
    const { schedules } = client.client;
    await schedules.add('none', 'missed', { every: '1m', catchUp: false });
    await schedules.add('last', 'missed', { every: '1m', catchUp: 'last' });
    await schedules.add('all', 'missed', { every: '1m', catchUp: 'all', overlap: 'queue' });
    // A half past, and so the latest is late by half a minute; of a five minutes' period by three.
    await schedules.add('rare', 'missed', { every: '5m', catchUp: 'last' });
    await schedules.add('rare-none', 'missed', { every: '5m', catchUp: false });
    const nowMs = await redis.time().then(([seconds]) => Number(seconds) * 1_000);
    for (const name of ['none', 'last', 'all']) await redis.zadd(scheduling.due, nowMs - 4.5 * 60_000, name);
    for (const name of ['rare', 'rare-none']) await redis.zadd(scheduling.due, nowMs - 3 * 60_000, name);
    await startWorker({ TICKS: 'no' });
    await eventually(async () => {
      const due = await schedules.list();
      expect(due.map(({ nextMs }) => (nextMs as number) > nowMs)).toEqual([true, true, true, true, true]);
    }, 10_000);
    const count = async (name: string) =>
      (await redis.lrange('ran', 0, -1)).filter((id) => id.includes(`:${name}:`)).length;
    await eventually(async () => expect(await count('all')).toBe(5), 10_000);
    await expectPlacesClean(server.url, KEYS);
    expect([await count('none'), await count('last'), await count('rare'), await count('rare-none')]).toEqual([
      1, 1, 1, 0,
    ]);
  }, 60_000);
});

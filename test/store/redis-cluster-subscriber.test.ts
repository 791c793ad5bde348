import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { SystemClock } from '../../src/clock';
import { RedisEventBus } from '../../src/events/redis-event-bus';
import { HealthBoard } from '../../src/health';
import { silentLogger } from '../../src/logger';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import { DEFAULT_WIRE_NAMES, TaskKeys } from '../../src/task/keys';
import { eventually } from '../support/eventually';
import { startCluster } from '../support/redis-cluster';
import { useServer } from '../support/use-server';

const OUTAGE_MS = 1_500;
const NOTICED_WITHIN_MS = 15_000;

describe('what is published on a cluster', () => {
  // None of its nodes is to be declared dead: only we may notice.
  const cluster = useServer(() => startCluster({ nodeTimeoutMs: 60_000 }));
  const clock = new SystemClock();
  let health: HealthBoard;
  let redis: RedisConnection;
  let heard: number;

  beforeEach(async () => {
    heard = 0;
    health = new HealthBoard(clock, silentLogger);
    redis = new RedisConnection({ cluster: cluster().startupNodes }, clock, silentLogger, health);
    const bus = new RedisEventBus(redis, new TaskKeys(DEFAULT_WIRE_NAMES), clock, silentLogger);
    await bus.onControl(() => {
      heard += 1;
    });
  });

  afterEach(() => redis.close());

  const listensAt = () => (redis.client('subscriber').options as { port?: number }).port;
  const untilHeard = async (publisher: Redis) => {
    const before = heard;
    await eventually(async () => {
      await publisher.publish('task-a-control', 'stop');
      expect(heard).toBeGreaterThan(before);
    }, NOTICED_WITHIN_MS);
  };

  test('is heard at another node when the one that is listened at hangs', async () => {
    const { masters } = cluster();
    const hanging = masters.find(({ port }) => port === listensAt());
    const publisher = masters.find((one) => one !== hanging)?.connect() as Redis;
    process.kill(hanging?.pid as number, 'SIGSTOP');
    try {
      await untilHeard(publisher);
      expect(listensAt()).not.toBe(hanging?.port);
    } finally {
      process.kill(hanging?.pid as number, 'SIGCONT');
      publisher.disconnect();
    }
  });

  test('is heard again after all nodes were away, without a busy wait for them', async () => {
    const { masters } = cluster();
    await Promise.all(masters.map((master) => master.crash()));
    const before = process.cpuUsage();
    await pause(OUTAGE_MS);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(0.5 * OUTAGE_MS);
    expect(health.health.problems.map(({ part }) => part)).toEqual(['redis:subscriber']);
    await Promise.all(masters.map((master) => master.revive()));
    const publisher = masters[0]?.connect() as Redis;
    await untilHeard(publisher);
    expect(health.health.healthy).toBe(true);
    publisher.disconnect();
  });
});

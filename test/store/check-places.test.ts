import type { Redis } from 'ioredis';
import { SystemClock } from '../../src/clock';
import { silentLogger } from '../../src/logger';
import { checkPlaces } from '../../src/store/redis/check-places';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import type { RedisClient } from '../../src/store/redis/redis-spec';
import { ManualClock } from '../../src/testing/manual-clock';
import { Bench, outcome } from '../contract/bench';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { makeRedisBackend } from '../support/redis-backend';
import { startCluster } from '../support/redis-cluster';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const server = useServer(() => startRedis());

describe('the places of the tasks on Redis', () => {
  const bench = Bench.use(() => makeRedisBackend(server().url));
  let redis: RedisConnection;

  beforeEach(() => {
    redis = new RedisConnection(server().url, new SystemClock(), silentLogger);
  });

  afterEach(() => redis.close());

  const plant = (write: (client: RedisClient) => Promise<unknown>) => redis.call(write);
  const keyOf = (id: string) => bench().keys.task(id);
  const found = async () => {
    const { findings } = await checkPlaces(redis, bench().keys, { overdueMs: 1_000 });
    return findings.map(({ id, problem }) => `${id} ${problem}`).sort();
  };
  const expectClean = async (ids: number) => {
    expect(await checkPlaces(redis, bench().keys)).toEqual({ ids, findings: [] });
  };
  const settleNext = async (keepMs = 60_000) => {
    const ids = await bench().store.takeEnded('w1', 1, 60_000);
    await expectClean(1);
    await bench().settleEnded(ids, keepMs, 'w1');
  };

  test('an empty Redis is in order', () => expectClean(0));

  test('a task is in its places from its start to its cleanup', async () => {
    await bench().enqueue('a');
    await expectClean(1);
    const { ids } = await bench().take();
    await expectClean(1);
    const opened = await bench().openOne(ids[0] as string);
    await expectClean(1);
    if (opened.kind === 'run') await bench().store.finish(opened.lease, outcome('SUCCESS'));
    await expectClean(1);
    await settleNext();
    await expectClean(1);
  });

  test('a task that is deleted by its cleanup leaves nothing', async () => {
    await bench().end('a');
    await settleNext(0);
    await expectClean(0);
  });

  test('a stopped task is in its place, and runs again when it is restarted', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.settleStop(lease);
    await expectClean(1);
    await bench().store.restart('a');
    await expectClean(1);
    await bench().beginNext();
    await expectClean(1);
  });

  test('a task that a leaving worker puts back is in its place', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.requeue([lease]);
    await expectClean(1);
    await bench().beginNext({ worker: 'w2' });
    await expectClean(1);
  });

  test('a task that is stopped or removed while it waits keeps its place until it is used up', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().enqueue('b');
    await bench().store.remove('b');
    await expectClean(2);
    const { ids } = await bench().take();
    await expectClean(2);
    await bench().open(ids);
    await expectClean(1);
  });

  test('a task with the cleanup switched off is in its place when it has ended', async () => {
    await bench().end('a', 'ERROR', { cleanup: false });
    await expectClean(1);
  });

  test('tasks of an unknown name, local tasks and those of a dead worker are in their places', async () => {
    await bench().enqueue('unknown', { name: 'other' });
    await bench().open((await bench().take()).ids, { unknownTaskTimeoutMs: 60_000 });
    await bench().store.openLocal('w1', { id: 'local', name: 'probe', data: '{}', cleanup: true }, 60_000);
    await bench().begin('dead');
    await bench().age('dead');
    await bench().store.reap(60_000);
    await expectClean(3);
  });

  test('tasks of pytask are in their places', async () => {
    await bench().enqueueForeign('waits');
    const { taskSet, endQueue } = bench().keys;
    await plant((client) => client.hset(keyOf('runs'), { task: 'probe', state: 'RUNNING', last_update: '1000.5' }));
    await plant((client) => client.hset(keyOf('ended'), { task: 'probe', state: 'SUCCESS', output: 'None' }));
    await plant((client) => client.sadd(taskSet, 'runs'));
    await plant((client) => client.lpush(endQueue, 'ended'));
    await expectClean(3);
  });

  test('a hash that waits in no queue is found, with what to do', async () => {
    await plant((client) => client.hset(keyOf('a'), { task: 'probe', data: '{}', state: 'WAIT' }));
    const { findings } = await checkPlaces(redis, bench().keys);
    expect(findings).toEqual([
      {
        id: 'a',
        state: 'WAIT',
        places: [],
        problem: 'lost',
        severity: 'error',
        message: expect.stringContaining(`LPUSH ${bench().keys.newQueue} a`),
      },
    ]);
  });

  test('places without a task are found in every queue and set', async () => {
    const { keys } = bench();
    const { newQueue, endQueue } = keys;
    await plant((client) => client.lpush(newQueue, 'queue'));
    await plant((client) => client.zadd(keys.delayed(newQueue), 1, 'delayed'));
    await plant((client) => client.zadd(keys.workers(newQueue), Date.now() + 60_000, 'w:1'));
    await plant((client) => client.lpush(keys.inbox(newQueue, 'w:1'), 'inbox'));
    await plant((client) => client.sadd(keys.taskSet, 'active'));
    await plant((client) => client.zadd(keys.leases, 1, 'lease'));
    await plant((client) => client.lpush(endQueue, 'ended'));
    const places = (await checkPlaces(redis, keys)).findings.map(({ places: [place], problem }) => [place, problem]);
    expect(places.sort()).toEqual(
      ['active', 'delayed', 'end-queue', 'inbox:w:1', 'leases', 'new-queue'].map((place) => [place, 'no-hash']),
    );
  });

  test('inboxes are found though nobody is registered for them', async () => {
    const { keys } = bench();
    await bench().enqueue('a');
    await plant((client) => client.lmove(keys.newQueue, keys.inbox(keys.newQueue, 'gone'), 'RIGHT', 'LEFT'));
    await bench().end('b');
    await plant((client) => client.lmove(keys.endQueue, keys.inbox(keys.endQueue, 'gone'), 'RIGHT', 'LEFT'));
    expect(await found()).toEqual(['a unregistered-inbox', 'b unregistered-inbox']);
  });

  test('lapsed leases and the inboxes of dead workers are found when they are overdue', async () => {
    const { keys } = bench();
    await bench().begin('runs');
    await bench().enqueue('taken');
    await bench().take();
    expect(await found()).toEqual([]);
    await plant((client) => client.zadd(keys.leases, Date.now() - 2_000, 'runs'));
    await plant((client) => client.zadd(keys.workers(keys.newQueue), Date.now() - 2_000, 'w1'));
    expect(await found()).toEqual(['runs overdue', 'taken inbox-overdue']);
  });

  test('the same push twice, and an end without a cleanup, are found', async () => {
    await bench().enqueue('twice');
    await plant((client) => client.lpush(bench().keys.newQueue, 'twice'));
    await plant((client) => client.hset(keyOf('ended'), { task: 'probe', state: 'ERROR' }));
    await plant((client) => client.hset(keyOf('kept'), { task: 'probe', state: 'ERROR', kept: '1' }));
    await plant((client) => client.hset(keyOf('owed'), { task: 'probe', state: 'WAIT', push: 'token' }));
    await plant((client) => client.sadd(bench().keys.taskSet, 'owed'));
    expect(await found()).toEqual(['ended unsettled', 'owed push-owed', 'twice doubled']);
  });

  test('what a monitor or a cleanup is said to mend, it mends', async () => {
    const { keys, store } = bench();
    const gone = ['no-hash', 'owed', 'over', 'left', 'taken'];
    for (const id of ['owed', 'over', 'left', 'lapsed', 'bare', 'taken']) await bench().enqueue(id);
    const { ids } = await bench().take({ limit: 5 });
    await bench().open(ids);
    await bench().take({ worker: 'dead', limit: 1 });
    await plant((client) => client.hset(keyOf('owed'), { state: 'WAIT', push: 'token' }));
    await plant((client) => client.hset(keyOf('over'), { state: 'SUCCESS' }));
    await plant((client) => client.hset(keyOf('left'), { state: 'STOPPED' }));
    await plant((client) => client.hset(keyOf('lapsed'), { last_update: '1000.5' }));
    await plant((client) => client.sadd(keys.taskSet, 'no-hash'));
    for (const id of [...gone, 'lapsed'])
      await plant((client) => client.zadd(keys.leases, 'XX', Date.now() - 2_000, id));
    await plant((client) => client.zrem(keys.leases, 'bare'));
    await plant((client) => client.zadd(keys.workers(keys.newQueue), Date.now() - 2_000, 'dead'));
    await plant((client) => client.lpush(keys.endQueue, 'over', 'over', 'no-task'));
    expect(await found()).toEqual([
      'bare lease-missing',
      'lapsed overdue',
      'left lease-left',
      'no-hash no-hash',
      'no-task no-hash',
      'over ended-twice',
      'over left-active',
      'owed push-owed',
      'taken inbox-overdue',
    ]);
    await store.reap(60_000);
    await bench().settleEnded(await store.takeEnded('w1', 10, 60_000), 60_000, 'w1');
    await expectClean(6);
  });

  test('keys of another type and remainders of hashes are found', async () => {
    await plant((client) => client.set(keyOf('text'), 'x'));
    await plant((client) => client.hset(keyOf('loop'), { last_update: '1000.5' }));
    await plant((client) => client.hset(keyOf('skip'), { skip: '1' }));
    expect(await found()).toEqual(['loop update-remainder', 'skip skip-without-place', 'text other-type']);
  });

  test('more ids than one step reads are all looked at', async () => {
    const ids = Array.from({ length: 12_000 }, (_, place) => `id-${place}`);
    await plant((client) => {
      const write = (client as Redis).pipeline();
      for (const id of ids) write.hset(keyOf(id), { task: 'probe' });
      return write.lpush(bench().keys.newQueue, ...ids).exec();
    });
    await expectClean(ids.length);
  });

  test('what only the first look found counts for nothing', async () => {
    await plant((client) => client.hset(keyOf('moves'), { task: 'probe' }));
    await plant((client) => client.hset(keyOf('lost'), { task: 'probe' }));
    const clock = new ManualClock();
    const report = checkPlaces(redis, bench().keys, { settle: { clock, intervalMs: 10, longestMs: 5 } });
    await eventually(() => expect(clock.timerCount).toBe(1));
    await plant((client) => client.lpush(bench().keys.newQueue, 'moves'));
    await clock.advance(10);
    expect((await report).findings.map(({ id }) => id)).toEqual(['lost']);
  });

  test('a test that ends with findings tells them', async () => {
    await plant((client) => client.hset(keyOf('a'), { task: 'probe' }));
    await expect(expectPlacesClean(server().url, bench().keys, 50)).rejects.toThrow(
      /1 findings.*error lost: task a waits/s,
    );
    await plant((client) => client.lpush(bench().keys.newQueue, 'a'));
    await expectPlacesClean(server().url, bench().keys);
  });
});

describe('the places of the tasks on a cluster', () => {
  const cluster = useServer(() => startCluster());
  const spec = () => ({ cluster: cluster().startupNodes });
  const bench = Bench.use(() => makeRedisBackend(spec()));

  test('are read from every master', async () => {
    const { keys, raw } = bench();
    const ids = Array.from({ length: 200 }, (_, place) => `id-${place}`);
    await Promise.all(ids.map((id) => bench().enqueue(id)));
    await bench().open((await bench().take({ limit: 50 })).ids);
    await bench().take({ worker: 'w2', limit: 50 });
    expect(await expectPlacesClean(spec(), keys)).toEqual({ ids: 200, findings: [] });

    const lost = ids.map((id) => `lost-${id}`);
    await Promise.all(lost.map((id) => raw.hset(keys.task(id), { task: 'probe' })));
    await raw.sadd(keys.taskSet, 'no-hash');
    await raw.lpush(keys.task('text'), 'a list');
    await raw.lpush(keys.inbox(keys.newQueue, 'gone'), lost[0] as string);
    const accept = ['lost', 'no-hash', 'other-type', 'unregistered-inbox'] as const;
    const { findings } = await expectPlacesClean(spec(), keys, 0, accept);
    const found = findings.map(({ id, problem }) => `${id} ${problem}`).sort();
    const planted = ['no-hash no-hash', 'text other-type', `${lost[0]} unregistered-inbox`];
    expect(found).toEqual([...planted, ...lost.slice(1).map((id) => `${id} lost`)].sort());
  });
});

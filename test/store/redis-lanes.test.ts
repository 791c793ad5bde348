import { SystemClock } from '../../src/clock';
import { silentLogger } from '../../src/logger';
import type { LanedTask, TakeLimits } from '../../src/store/limits';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import { RedisLanes } from '../../src/store/redis/redis-lanes';
import { RedisWorkerStore } from '../../src/store/redis/redis-worker-store';
import type { OpenedRun } from '../../src/store/worker-store';
import { laneOf } from '../../src/task/lane';
import { NO_LIMIT } from '../../src/task/limit';
import { Bench, INSTANT_MS, LONG_MS, outcome } from '../contract/bench';
import { eventually } from '../support/eventually';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const ONE: TakeLimits = {
  names: new Map([
    ['probe', { total: { ...NO_LIMIT, concurrency: 1 }, perKey: NO_LIMIT, room: Number.POSITIVE_INFINITY }],
  ]),
  queue: NO_LIMIT,
};

describe('a place under limits on Redis', () => {
  const server = useServer(() => startRedis());
  const bench = Bench.use(() => makeRedisBackend(server().url));

  async function withConnection(work: (connection: RedisConnection) => Promise<void>): Promise<void> {
    const connection = new RedisConnection(server().url, new SystemClock(), silentLogger);
    try {
      await work(connection);
    } finally {
      await connection.close();
    }
  }

  function withLanes(work: (lanes: RedisLanes, inbox: string) => Promise<void>): Promise<void> {
    const { keys } = bench();
    return withConnection((connection) => work(new RedisLanes(connection, keys), keys.inbox(keys.newQueue, 'w1')));
  }

  function laned(id: string): LanedTask {
    return { id, name: 'probe', lane: laneOf(''), createdMs: undefined, priority: 5 };
  }

  const admittedBy = async (lanes: RedisLanes, inbox: string) => [
    ...(await lanes.admit(undefined, { inbox, place: 'next' }, 10, ONE)).names.keys(),
  ];

  test('is not freed by the run before, whose worker was paused until another had the task', async () => {
    await withLanes(async (lanes, inbox) => {
      await lanes.park(undefined, [laned('a'), laned('b')]);
      await lanes.admit(undefined, { inbox, place: 'first' }, 10, ONE);
      // The first run is over, and the task is taken anew, before the place is freed.
      expect(await lanes.park(undefined, [laned('a')], { inbox, place: 'second' })).toEqual(['admitted']);
      await lanes.free(undefined, 'probe', [{ id: 'a', place: 'first' }]);
      expect(await admittedBy(lanes, inbox)).toEqual([]);
      await lanes.free(undefined, 'probe', [{ id: 'a', place: 'second' }]);
      expect(await admittedBy(lanes, inbox)).toEqual(['b']);
    });
  });

  test('tells those who wait as it is freed, of other names too where it was one of the queue', async () => {
    await withLanes(async (lanes, inbox) => {
      const queue = { ...NO_LIMIT, concurrency: 1 };
      let woken = 0;
      await bench().backend.events.onWake(['default'], () => {
        woken += 1;
      });
      await lanes.park(undefined, [laned('a')]);
      await lanes.park(undefined, [{ ...laned('b'), name: 'other' }]);
      await lanes.admit(undefined, { inbox, place: 'first' }, 10, { ...ONE, queue });
      await eventually(() => expect(woken).toBe(2));
      await lanes.free(undefined, 'probe', [{ id: 'a', place: 'first' }]);
      await eventually(() => expect(woken).toBe(3));
    });
  });

  test('is forgotten by a worker that was silent, whoever has had the task since', async () => {
    await withConnection(async (connection) => {
      const other = new RedisWorkerStore(connection, bench().keys);
      const limited = new Set(['probe']);
      await bench().enqueue('a', { lane: laneOf('') });
      await bench().take({ limits: ONE, keepMs: INSTANT_MS });
      await bench().reapUntil('returned', 'a');
      const request = { worker: 'w2', limited };
      await other.take({ worker: 'w2', limit: 1, waitMs: 0, keepMs: LONG_MS, limits: ONE });
      expect(await other.open({ ...bench().requestOf(['a']), ...request })).toMatchObject([{ kind: 'limited' }]);
      expect(await other.park('w2', [laned('a')])).toEqual(['admitted']);
      const [run] = (await other.open({ ...bench().requestOf(['a']), ...request })) as OpenedRun[];
      await other.finish((run as OpenedRun).lease, outcome('SUCCESS'));
      await bench().store.restart('a');
      expect(await bench().take({ limits: ONE })).toMatchObject({ ids: ['a'], lapsed: true });
      expect(await bench().open(['a'], { limited })).toMatchObject([{ kind: 'limited' }]);
    });
  });

  test('is of one run: an id that waits in its lane once more gets none beside it', async () => {
    await withLanes(async (lanes, inbox) => {
      await lanes.park(undefined, [laned('a')]);
      await lanes.admit(undefined, { inbox, place: 'first' }, 10, ONE);
      await lanes.park(undefined, [laned('a')]);
      const two = { ...ONE, names: new Map([['probe', { total: NO_LIMIT, perKey: NO_LIMIT, room: 10 }]]) };
      const { names, again } = await lanes.admit(undefined, { inbox, place: 'second' }, 10, two);
      expect([[...names.keys()], again]).toEqual([[], ['a']]);
    });
  });
});

import { SystemClock } from '../../src/clock';
import { deferred } from '../../src/deferred';
import { RandomIds } from '../../src/ids';
import { silentLogger } from '../../src/logger';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import { RedisTaskStore } from '../../src/store/redis/redis-task-store';
import type { TaskStore } from '../../src/store/task-store';
import { type Cut, FaultProxy } from '../../src/testing';
import type { ContractBackend } from '../contract/backend';
import { LONG_MS, newTask } from '../contract/bench';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const QUEUE = 'mail';
const WAITING = ['plain', 'urgent', 'later', 'restarted'];
const ALL = [...WAITING, 'stopped', 'elsewhere'];

/** One of each, as far as places go: of the restarted one there are two, and one of a task that is gone. */
async function fill({ store }: ContractBackend): Promise<void> {
  const tasks = [...ALL, 'gone'].map((id) => newTask(id, { queue: id === 'elsewhere' ? 'default' : QUEUE }));
  await store.enqueue(
    tasks.map((task) => ({
      ...task,
      ...(task.id === 'urgent' && { priority: 0 }),
      ...(task.id === 'later' && { due: { inMs: LONG_MS } }),
    })),
  );
  for (const id of ['stopped', 'restarted']) await store.requestStop(id);
  await store.restart('restarted');
  await store.remove('gone');
}

async function drain(store: TaskStore, worker: string): Promise<number> {
  let removed = 0;
  for (;;) {
    const step = await store.drainQueue(QUEUE, worker, true);
    removed += step.removed;
    if (!step.more) return removed;
  }
}

describe('a drain that dies', () => {
  const server = useServer(() => startRedis());

  /** @param nth The command that it does not outlive; with 0 it outlives all. Answers how many there were. */
  async function live(nth: number, cut: Cut): Promise<number> {
    const backend = await makeRedisBackend(server().url);
    const proxy = await FaultProxy.start(server());
    const connection = new RedisConnection(proxy.url, new SystemClock(), silentLogger);
    const removed: string[] = [];
    try {
      await fill(backend);
      await backend.events.onEvery(({ event, taskId }) => event === 'remove' && removed.push(taskId));
      let count = 0;
      const struck = deferred();
      proxy.onCommand(({ name, script }) => {
        if (script === undefined && !['SADD', 'SREM', 'ZREM'].includes(name)) return undefined;
        count += 1;
        if (count !== nth) return undefined;
        proxy.refuse();
        struck.resolve();
        return cut;
      });
      const drained = drain(new RedisTaskStore(connection, backend.keys, new RandomIds()), 'dead');
      await Promise.race([drained.catch(() => {}), struck.promise]);
      proxy.cut();
      await expectOneEnd(backend, removed);
      return count;
    } finally {
      await connection.close();
      await proxy.stop();
      await backend.close();
    }
  }

  /** What the dead one has in hand comes back; a second drain removes the rest. */
  async function expectOneEnd(backend: ContractBackend, removed: readonly string[]): Promise<void> {
    const { store, reader, keys } = backend;
    const raw = server().connect();
    try {
      // As if it had been dead for long.
      await raw.zadd(keys.workers(keys.queue(QUEUE)), 'XX', 1, 'dead');
      await store.reap(LONG_MS);
    } finally {
      raw.disconnect();
    }
    await expectPlacesClean(server().url, keys, 2_000, ['recoverable', 'harmless']);
    const left = (await reader.get(WAITING)).filter((record) => record !== undefined).map(({ id }) => id);
    await eventually(() => expect([...left, ...removed].sort()).toEqual([...WAITING].sort()));
    expect(await drain(store, 'second')).toBe(left.length);
    await eventually(() => expect([...removed].sort()).toEqual([...WAITING].sort()));
    expect((await reader.get(ALL)).filter((record) => record !== undefined)).toMatchObject([
      { id: 'stopped', state: 'STOPPED' },
      { id: 'elsewhere', state: 'WAIT' },
    ]);
    expect((await reader.queues()).find(({ name }) => name === QUEUE)).toMatchObject({ waiting: 0, delayed: 0 });
    // Of a removed task the dead one may have left the entry of its lease, which has not lapsed yet.
    await expectPlacesClean(server().url, keys, 2_000, ['no-hash']);
  }

  test.each(['cut-before', 'cut-after'] as const)(
    'loses no task, and has none told twice, at any command (%s)',
    async (cut) => {
      const commands = await live(0, cut);
      expect(commands).toBeGreaterThan(5);
      for (let nth = 1; nth <= commands; nth++) await live(nth, cut);
    },
    60_000,
  );
});

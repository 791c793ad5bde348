import { Redis } from 'ioredis';
import type { TaskStore } from '../../src/store/task-store';
import type { OpenedRun, OpenRequest } from '../../src/store/worker-store';
import { encodeLogLine } from '../../src/task/log-line';
import { newTask, outcome } from '../contract/bench';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

/** Tasks at a time; what a batch costs beside them is a hundredth of it. */
const COUNT = 100;
const LEASE_MS = 60_000;
const KEPT = { successMs: 60_000, failureMs: 60_000 };

interface Cost {
  /** Commands that Redis runs for a task, those within scripts too: name -> how many, without those of less than one. */
  readonly commands: Readonly<Record<string, number>>;
  /** What is sent to Redis for a task, in bytes. */
  readonly bytes: number;
}

type Life = (store: TaskStore, ids: readonly string[]) => Promise<unknown>;

const LIVES: readonly (Cost & { readonly name: string; readonly live: Life })[] = [
  {
    name: 'to enqueue',
    live: enqueue,
    commands: { hset: 1 },
    bytes: 125,
  },
  {
    name: 'to enqueue as the only one of its key',
    live: (store, ids) =>
      Promise.all(
        ids.map((id) =>
          store.enqueueUnique(newTask(id), { key: id, policy: 'keep', while: 'unended', windowMs: undefined }),
        ),
      ),
    commands: { del: 2, evalsha: 6, hdel: 1, hget: 2, hmget: 5, hset: 4, lpush: 1, pexpire: 1, set: 1, time: 3 },
    bytes: 1633,
  },
  {
    name: 'to succeed, and be cleaned up',
    live: async (store, ids) => {
      await enqueue(store, ids);
      const runs = await begin(store);
      await Promise.all(runs.map(({ lease }) => store.finish(lease, outcome('SUCCESS'))));
      await cleanUp(store);
    },
    commands: { hgetall: 1, hmget: 2, hset: 3, pexpire: 1, publish: 2 },
    bytes: 558,
  },
  {
    // What is asked for costs Redis no command, and the call one argument for all of its tasks.
    name: 'to succeed, and be cleaned up, while observers are told how long it has waited',
    live: async (store, ids) => {
      await enqueue(store, ids);
      const runs = await begin(store, { timed: true });
      await Promise.all(runs.map(({ lease }) => store.finish(lease, outcome('SUCCESS'))));
      await cleanUp(store);
    },
    commands: { hgetall: 1, hmget: 2, hset: 3, pexpire: 1, publish: 2 },
    bytes: 558,
  },
  {
    name: 'to fail, and be cleaned up',
    live: async (store, ids) => {
      await enqueue(store, ids);
      const runs = await begin(store);
      await Promise.all(runs.map(({ lease }) => store.finish(lease, outcome('ERROR'))));
      await cleanUp(store);
    },
    commands: { hgetall: 1, hmget: 2, hset: 3, pexpire: 1, publish: 2 },
    bytes: 587,
  },
  {
    name: 'to be given back, as a worker leaves',
    live: async (store, ids) => {
      await enqueue(store, ids);
      await store.requeue((await begin(store)).map(({ lease }) => lease));
    },
    commands: { evalsha: 1, hdel: 2, hget: 1, hgetall: 1, hmget: 1, hset: 3, publish: 2, rpush: 1, set: 1 },
    bytes: 862,
  },
  {
    // It has no log, and nothing is asked or sent for that.
    name: 'to be removed while it runs',
    live: async (store, ids) => {
      await enqueue(store, ids);
      const runs = await begin(store);
      await Promise.all(ids.map((id) => store.remove(id)));
      await Promise.all(runs.map(({ lease }) => store.finish(lease, outcome('SUCCESS'))));
    },
    commands: { del: 1, evalsha: 1, hgetall: 1, hmget: 3, hset: 4, publish: 4 },
    bytes: 715,
  },
  {
    name: 'to log ten lines, to succeed, and be cleaned up',
    live: async (store, ids) => {
      await enqueue(store, ids);
      const runs = await begin(store);
      const text = encodeLogLine({
        timeMs: 1_795_000_000_000,
        level: 'info',
        message: 'Probed',
        attempt: 1,
        fields: {},
      });
      await Promise.all(
        runs.flatMap(({ lease }) => Array.from({ length: 10 }, () => store.appendLog(lease, text, 200))),
      );
      await Promise.all(runs.map(({ lease }) => store.finish(lease, outcome('SUCCESS'))));
      await cleanUp(store);
    },
    commands: { hgetall: 1, hmget: 3, hset: 4, pexpire: 3, publish: 2, rpush: 1 },
    bytes: 1511,
  },
  {
    name: 'to be kept alive for ten heartbeats',
    live: async (store, ids) => {
      await enqueue(store, ids);
      const leases = (await begin(store)).map(({ lease }) => lease);
      for (let beat = 0; beat < 10; beat++) await store.heartbeat(leases, LEASE_MS);
    },
    commands: { hgetall: 1, hmget: 10, hset: 12, publish: 1 },
    bytes: 1292,
  },
];

/**
 * What a task costs, to the command and the byte: a regression shows here on the noisiest of machines. Whoever makes it
 * cheaper lowers the numbers; whoever makes it dearer says why in the commit.
 */
describe('what a task costs on Redis', () => {
  const server = useServer(() => startRedis());

  async function costOf(live: Life): Promise<Cost> {
    const backend = await makeRedisBackend(server().url);
    const redis = new Redis(server().url);
    const bytesSoFar = async () => Number(/total_net_input_bytes:(\d+)/.exec(await redis.info('stats'))?.[1]);
    try {
      // Once before, so that every script is known, and every number in the tokens has its usual length.
      await live(backend.store, idsOf(1));
      await redis.flushall();
      await redis.config('RESETSTAT');
      const [idle, before] = [await bytesSoFar(), await bytesSoFar()];
      await live(backend.store, idsOf(2));
      const bytes = (await bytesSoFar()) - before - (before - idle);
      const stats = (await redis.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+)/g);
      const commands: Record<string, number> = {};
      for (const [, name = '', calls] of stats) {
        if (Number(calls) >= COUNT) commands[name] = Math.floor(Number(calls) / COUNT);
      }
      return { commands, bytes: Math.round(bytes / COUNT) };
    } finally {
      redis.disconnect();
      await backend.close();
    }
  }

  test.each(LIVES)('$name', async ({ live, commands, bytes }) => {
    expect(await costOf(live)).toEqual({ commands, bytes });
  });
});

function idsOf(batch: number): string[] {
  return Array.from({ length: COUNT }, (_, place) => `${batch}-${String(place).padStart(20, '0')}`);
}

async function enqueue(store: TaskStore, ids: readonly string[]): Promise<void> {
  await store.enqueue(ids.map((id) => newTask(id, { data: '{"text":"hello world"}', fresh: true })));
}

async function begin(store: TaskStore, more: Partial<OpenRequest> = {}): Promise<OpenedRun[]> {
  const worker = 'host-12345-of-the-test';
  const { ids } = await store.take({ worker, limit: COUNT, waitMs: 0, keepMs: LEASE_MS });
  const slots = new Map([['probe', Number.POSITIVE_INFINITY]]);
  const request = { worker, ids, runHere: new Set<string>(), slots, leaseMs: LEASE_MS, unknownTaskTimeoutMs: 0 };
  return (await store.open({ ...request, ...more })) as OpenedRun[];
}

async function cleanUp(store: TaskStore): Promise<void> {
  await store.settleEnded('c1', await store.takeEnded('c1', COUNT, LEASE_MS), KEPT);
}

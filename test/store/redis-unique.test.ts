import { randomUUID } from 'node:crypto';
import { SystemClock } from '../../src/clock';
import { deferred } from '../../src/deferred';
import { RandomIds } from '../../src/ids';
import { silentLogger } from '../../src/logger';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import type { RedisSpec } from '../../src/store/redis/redis-spec';
import { RedisTaskStore } from '../../src/store/redis/redis-task-store';
import type { TaskStore } from '../../src/store/task-store';
import type { UniqueClaim, UniqueReply } from '../../src/store/unique';
import { TaskKeys } from '../../src/task/keys';
import { LONG_MS, newTask, outcome } from '../contract/bench';
import { expectPlacesClean } from '../support/expect-places-clean';
import { startCluster } from '../support/redis-cluster';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const KEEP: UniqueClaim = { key: 'acme', policy: 'keep', while: 'unended', windowMs: undefined };
const CLAIMS: readonly (readonly [name: string, claim: UniqueClaim])[] = [
  ['keep', KEEP],
  ['keep with a window', { ...KEEP, windowMs: 1 }],
  ['replace', { ...KEEP, policy: 'replace' }],
];
/** More than any start takes. */
const MOST_CALLS = 30;

/** What happens while an enqueuer is held up: each step is done by others. */
const MEANWHILE = ['nothing', 'another start', 'another run', 'another run, cleaned up', 'more than a minute'] as const;

/** A connection that is held up before one of its calls, as a process that is paused there. */
class HeldConnection extends RedisConnection {
  /** The number of the call, from 1. */
  heldAt = Number.POSITIVE_INFINITY;
  readonly held = deferred();
  readonly goOn = deferred();
  dead = false;
  private calls = 0;

  override async call<T>(...args: Parameters<typeof RedisConnection.prototype.call<T>>): Promise<T> {
    this.calls += 1;
    if (this.calls === this.heldAt) {
      this.held.resolve();
      await this.goOn.promise;
    }
    if (this.dead) throw new Error('dead');
    return super.call(...args);
  }
}

describe.each([
  ['Redis', async () => startRedis(), (server: { url: string }): RedisSpec => server.url],
  ['Redis Cluster', async () => startCluster(), (server: unknown): RedisSpec => clusterOf(server)],
] as const)('enqueuers of one key, on %s', (_place, start, specOf) => {
  const server = useServer(start as typeof startRedis);
  let keys: TaskKeys;
  const open: RedisConnection[] = [];

  beforeEach(() => {
    const prefix = `${randomUUID()}-`;
    keys = new TaskKeys({
      taskPrefix: `${prefix}task-`,
      taskSet: `${prefix}tasks`,
      newQueue: `${prefix}new`,
      endQueue: `${prefix}end`,
    });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()));
  });

  function connect(): HeldConnection {
    const connection = new HeldConnection(specOf(server()), new SystemClock(), silentLogger);
    open.push(connection);
    return connection;
  }

  const storeOn = (connection: RedisConnection): TaskStore => new RedisTaskStore(connection, keys, new RandomIds());

  /** Runs all that waits to its end; answers the ids, in the order in which they began. At most one may run at a time. */
  async function runAll(store: TaskStore): Promise<string[]> {
    const begun: string[] = [];
    const slots = new Map([['probe', Number.POSITIVE_INFINITY]]);
    for (;;) {
      const { ids } = await store.take({ worker: 'w1', limit: 10, waitMs: 0, keepMs: LONG_MS });
      if (ids.length === 0) return begun;
      const request = {
        worker: 'w1',
        ids,
        runHere: new Set<string>(),
        slots,
        leaseMs: LONG_MS,
        unknownTaskTimeoutMs: 0,
      };
      const runs = (await store.open(request)).filter((opened) => opened.kind === 'run');
      expect(runs.length).toBeLessThanOrEqual(1);
      for (const { lease } of runs) {
        begun.push(lease.id);
        await store.finish(lease, outcome('SUCCESS'));
      }
    }
  }

  async function cleanUp(store: TaskStore): Promise<void> {
    const ids = await store.takeEnded('c1', 100, LONG_MS);
    await store.settleEnded('c1', ids, { successMs: 0, failureMs: 0 });
  }

  /** The keys with which uniqueness is kept. */
  async function leftKeys(redis: RedisConnection): Promise<string[]> {
    return redis.call(async (client) => {
      const nodes = 'nodes' in client ? client.nodes('master') : [client];
      const found = await Promise.all(nodes.map((node) => node.keys(`*${keys.newQueue.slice(0, 36)}*unique*`)));
      return found.flat();
    });
  }

  /** What others do while `a` is held up; answers the ids that ran. */
  async function meanwhile(what: (typeof MEANWHILE)[number], redis: RedisConnection, claim: UniqueClaim) {
    const store = storeOn(redis);
    if (what === 'more than a minute') {
      const staged = (await leftKeys(redis)).filter((key) => key.includes('staged'));
      for (const key of staged) await redis.call((client) => client.del(key));
    }
    if (what === 'nothing') return [];
    await store.enqueueUnique(newTask('b'), claim);
    const ran = what === 'another start' ? [] : await runAll(store);
    if (what === 'another run, cleaned up') await cleanUp(store);
    return ran;
  }

  /** Has a start held up at a call; undefined where it makes fewer. */
  async function heldStart(call: number, claim: UniqueClaim) {
    const connection = connect();
    connection.heldAt = call;
    const starting = storeOn(connection).enqueueUnique(newTask('a', { fresh: true }), claim);
    starting.catch(() => {});
    const first = await Promise.race([connection.held.promise.then(() => 'held'), starting.then(() => 'done')]);
    return first === 'held' ? { connection, starting } : undefined;
  }

  async function atEveryCall(live: (call: number) => Promise<boolean>): Promise<void> {
    let calls = 1;
    while (calls < MOST_CALLS && (await live(calls))) calls += 1;
    expect(calls).toBeGreaterThan(4);
    expect(calls).toBeLessThan(MOST_CALLS);
  }

  describe.each(CLAIMS)('%s', (_name, claim) => {
    test.each(MEANWHILE)(
      'one that is paused at any call, and %s meanwhile, gets no second task to run',
      async (what) => {
        await atEveryCall(async (call) => {
          const redis = connect();
          const store = storeOn(redis);
          const held = await heldStart(call, claim);
          if (held === undefined) return false;
          const ran = await meanwhile(what, redis, claim);
          held.connection.goOn.resolve();
          const reply = (await held.starting) as UniqueReply;
          expect(
            await store.enqueueUnique(newTask('c', { fresh: true }), { ...claim, windowMs: undefined }),
          ).toBeDefined();
          ran.push(...(await runAll(store)));
          // Whoever was told that it has started a task has: and it ran.
          if (reply.kind === 'started') expect(ran).toContain('a');
          if (what === 'nothing') expect(ran).toEqual(['a']);
          expect(ran.length).toBeLessThanOrEqual(3);
          await cleanUp(store);
          await expectPlacesClean(specOf(server()), keys);
          expect(await leftKeys(redis)).toEqual([]);
          return true;
        });
      },
    );

    test('one that dies at any call leaves the key to the next, whose start has it run one task', async () => {
      await atEveryCall(async (call) => {
        const redis = connect();
        const store = storeOn(redis);
        const held = await heldStart(call, claim);
        if (held === undefined) return false;
        held.connection.dead = true;
        held.connection.goOn.resolve();
        await expect(held.starting).rejects.toThrow('dead');
        const reply = await store.enqueueUnique(newTask('b'), { ...claim, windowMs: undefined });
        expect(await runAll(store)).toEqual([reply.id]);
        await cleanUp(store);
        await expectPlacesClean(specOf(server()), keys);
        const left = (await leftKeys(redis)).filter((key) => !key.includes('staged'));
        expect(left).toEqual([]);
        for (const key of await leftKeys(redis)) await redis.call((client) => client.del(key));
        return true;
      });
    });
  });

  test('of starts on many connections at once one wins, round after round', async () => {
    const stores = Array.from({ length: 10 }, () => storeOn(connect()));
    for (let round = 0; round < 10; round++) {
      const replies = await Promise.all(
        stores.flatMap((store, at) =>
          [0, 1, 2, 3, 4].map((n) => store.enqueueUnique(newTask(`${round}-${at}-${n}`, { fresh: true }), KEEP)),
        ),
      );
      const winners = replies.filter(({ kind }) => kind === 'started').map(({ id }) => id);
      expect(winners).toHaveLength(1);
      expect([...new Set(replies.map(({ id }) => id))]).toEqual(winners);
      expect(await runAll(stores[0] as TaskStore)).toEqual(winners);
      await cleanUp(stores[1] as TaskStore);
    }
    expect(await leftKeys(connect())).toEqual([]);
    await expectPlacesClean(specOf(server()), keys);
  });
});

function clusterOf(server: unknown): RedisSpec {
  return { cluster: (server as Awaited<ReturnType<typeof startCluster>>).startupNodes };
}

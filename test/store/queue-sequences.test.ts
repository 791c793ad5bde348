import { SystemClock } from '../../src/clock';
import { RandomIds } from '../../src/ids';
import { silentLogger } from '../../src/logger';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import type { RedisSpec } from '../../src/store/redis/redis-spec';
import { RedisTaskStore } from '../../src/store/redis/redis-task-store';
import type { TaskStore } from '../../src/store/task-store';
import type { Lease } from '../../src/store/worker-store';
import { Random } from '../chaos/random';
import type { ContractBackend } from '../contract/backend';
import { newTask, outcome } from '../contract/bench';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { makeMemoryBackend } from '../support/memory-backend';
import { makeRedisBackend } from '../support/redis-backend';
import { startCluster } from '../support/redis-cluster';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const LONG_MS = 60_000;
const IDS = ['a', 'b', 'c'];
const QUEUES = ['default', 'mail'];
/** A worker, the monitor or the clean-up mends it. */
const ACCEPTED = ['recoverable', 'harmless'] as const;
/**
 * A remove that is under way while its id is started again and stopped takes that one out of the active set as well: an orphan scan
 * puts it there again, and nothing but lists of active tasks lack it.
 */
const ACCEPTED_AT_ONCE = [...ACCEPTED, 'not-active'] as const;
const RETRY = { error: 'no', event: '{"event":"retry","data":null}' };

interface Server {
  readonly spec: RedisSpec;
  stop(): Promise<unknown>;
}

/** One step, drawn once and done to every store alike. */
interface Step {
  readonly name: string;
  /** What the store answers, as far as all stores answer the same. */
  readonly act: (actor: Actor) => Promise<unknown>;
}

/** Somebody who asks for tasks, and works at them, with a store of its own. */
class Actor {
  readonly held = new Map<string, Lease>();

  constructor(
    readonly store: TaskStore,
    readonly worker: string,
  ) {}

  /** Takes one id and begins its run, where it is to run. */
  async begin(queue: string): Promise<unknown> {
    const { store, worker } = this;
    const { ids } = await store.take({ worker, queue, limit: 1, waitMs: 0, keepMs: LONG_MS });
    const [id] = ids;
    if (id === undefined) return 'nothing';
    const slots = new Map([['probe', Number.POSITIVE_INFINITY]]);
    const request = { worker, queue, ids, runHere: new Set(this.held.keys()), slots, leaseMs: LONG_MS };
    const [opened] = await store.open({ ...request, unknownTaskTimeoutMs: 0 });
    if (opened?.kind !== 'run') return [id, opened?.kind];
    if (opened.control) return [id, opened.control, await store.settleStop(opened.lease)];
    this.held.set(id, opened.lease);
    return [id, 'run'];
  }

  async end(id: string, how: 'finish' | 'requeue' | 'retry' | 'retry later' | 'stop'): Promise<unknown> {
    const lease = this.held.get(id);
    if (!lease) return 'not held';
    this.held.delete(id);
    switch (how) {
      case 'finish':
        return this.store.finish(lease, outcome('SUCCESS'));
      case 'requeue':
        return this.store.requeue([lease]);
      case 'stop':
        return this.store.settleStop(lease);
      default:
        return this.store.retry(lease, { ...RETRY, delayMs: how === 'retry' ? 0 : LONG_MS });
    }
  }
}

const ENDS = ['finish', 'requeue', 'retry later', 'stop'] as const;

function draw(random: Random, ends: readonly ((typeof ENDS)[number] | 'retry')[]): Step {
  const id = random.pick(IDS);
  const queue = random.pick(QUEUES);
  const priority = random.pick([undefined, 0, 5, 9]);
  const due = random.pick([undefined, undefined, { inMs: LONG_MS }]);
  const how = random.pick(ends);
  const delayed = random.pick([true, false]);
  const steps: readonly Step[] = [
    {
      name: `enqueue ${id} ${queue} ${priority} ${due ? 'later' : 'now'}`,
      act: ({ store }) =>
        store.enqueue([newTask(id, { queue, ...(priority !== undefined && { priority }), ...(due && { due }) })]),
    },
    { name: `stop ${id}`, act: ({ store }) => store.requestStop(id) },
    { name: `remove ${id}`, act: ({ store }) => store.remove(id) },
    { name: `restart ${id}`, act: ({ store }) => store.restart(id) },
    { name: `reschedule ${id}`, act: ({ store }) => store.reschedule(id, due ?? { inMs: LONG_MS / 2 }) },
    { name: `begin ${queue}`, act: (actor) => actor.begin(queue) },
    { name: `${how} ${id}`, act: (actor) => actor.end(id, how) },
  ];
  if (random.next() < 0.05) {
    return {
      name: `drain ${queue} ${delayed}`,
      act: ({ store, worker }) => drain(store, queue, `d-${worker}`, delayed),
    };
  }
  return random.pick(steps);
}

async function drain(store: TaskStore, queue: string, worker: string, delayed: boolean): Promise<number> {
  let removed = 0;
  for (;;) {
    const step = await store.drainQueue(queue, worker, delayed);
    removed += step.removed;
    if (!step.more) return removed;
  }
}

async function stateOf({ reader }: ContractBackend) {
  const records = await reader.get(IDS);
  return {
    tasks: records.map((record) => record && [record.state, record.queue, record.priority]),
    // Of the active ids Redis tells a restarted one before it runs.
    counts: { ...(await reader.counts()), active: 0 },
  };
}

/** Lets every task that waits run to its end: what cannot be met in a queue would wait for ever. */
async function runAll(actors: readonly Actor[], { reader }: ContractBackend): Promise<void> {
  const [actor] = actors as [Actor];
  for (const one of actors) for (const id of IDS) await one.end(id, 'finish');
  for (const id of IDS) await actor.store.reschedule(id, { inMs: 0 });
  await eventually(async () => {
    for (const queue of QUEUES) {
      for (let met: unknown; met !== 'nothing'; ) met = await actor.begin(queue);
    }
    for (const id of IDS) await actor.end(id, 'finish');
    expect(await reader.counts()).toMatchObject({ waiting: 0, delayed: 0 });
  }, 5_000);
  const left = (await reader.get(IDS)).filter((record) => record?.state === 'WAIT' || record?.state === 'RUNNING');
  expect(left).toEqual([]);
}

/** How many sequences; more of them are asked for by `SEQUENCES`, and others by `SEED`. */
const SEEDS = Array.from({ length: Number(process.env.SEQUENCES ?? 25) }, (_, nth) => {
  return Number(process.env.SEED ?? 1) + nth;
});

/** So many at a time: each waits for its own Redis calls, one after the other. */
const AT_A_TIME = 5;

async function someAtATime(seeds: readonly number[], live: (seed: number) => Promise<void>): Promise<void> {
  const left = seeds.values();
  const inTurn = async () => {
    for (const seed of left) await live(seed);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, inTurn));
}

/** What a failure is to tell: all that was done before it. */
async function telling(seed: number, told: readonly string[], check: () => Promise<unknown>): Promise<void> {
  try {
    await check();
  } catch (error) {
    throw new Error(`Seed ${seed}:\n${told.join('\n')}\n${(error as Error).message}`);
  }
}

describe('any sequence of steps', () => {
  const server = useServer(() => startRedis());

  async function liveInStep(seed: number): Promise<void> {
    const backends = [await makeMemoryBackend(), await makeRedisBackend(server().url)] as const;
    const [inMemory, onRedis] = backends;
    const told: string[] = [];
    try {
      const [first, second] = backends.map(({ store }) => new Actor(store, 'w1')) as [Actor, Actor];
      const random = new Random(seed);
      for (let nth = 0; nth < 40; nth++) {
        // What is due is taken a look earlier in memory.
        const step = draw(random, ENDS);
        const [one, other] = [await step.act(first), await step.act(second)];
        told.push(`${step.name}: ${JSON.stringify(other)}`);
        await telling(seed, told, async () => {
          expect({ reply: one, ...(await stateOf(inMemory)) }).toEqual({ reply: other, ...(await stateOf(onRedis)) });
        });
      }
      await telling(seed, told, () => expectPlacesClean(server().url, onRedis.keys, 1_000, ACCEPTED));
      await telling(seed, told, async () => {
        await runAll([first], inMemory);
        await runAll([second], onRedis);
      });
    } finally {
      await Promise.all(backends.map((backend) => backend.close()));
    }
  }

  test('does the same in memory and on Redis', async () => {
    await someAtATime(SEEDS, liveInStep);
  }, 300_000);
});

describe.each(['one Redis', 'a cluster'])('any steps at once of several on %s', (place) => {
  const server = useServer<Server>(async () => {
    if (place === 'one Redis') {
      const redis = await startRedis();
      return { spec: redis.url, stop: () => redis.stop() };
    }
    const cluster = await startCluster();
    return { spec: { cluster: cluster.startupNodes }, stop: () => cluster.stop() };
  });

  async function live(seed: number): Promise<void> {
    const clock = new SystemClock();
    const { spec } = server();
    const backend = await makeRedisBackend(spec);
    const connections = [1, 2, 3].map(() => new RedisConnection(spec, clock, silentLogger));
    const told: string[] = [];
    try {
      const actors = connections.map(
        (redis, nth) => new Actor(new RedisTaskStore(redis, backend.keys, new RandomIds()), `w${nth}`),
      );
      const random = new Random(seed);
      for (let nth = 0; nth < 25; nth++) {
        const steps = actors.map(() => draw(random, [...ENDS, 'retry']));
        const replies = await Promise.all(steps.map((step, who) => step.act(actors[who] as Actor)));
        told.push(steps.map((step, who) => `${step.name}: ${JSON.stringify(replies[who])}`).join(' | '));
        await telling(seed, told, () => expectPlacesClean(spec, backend.keys, 1_000, ACCEPTED_AT_ONCE));
      }
      await telling(seed, told, () => runAll(actors, backend));
      await telling(seed, told, () => expectPlacesClean(spec, backend.keys, 1_000, ACCEPTED_AT_ONCE));
    } finally {
      await backend.close();
      await Promise.all(connections.map((connection) => connection.close()));
    }
  }

  test('leave every id in its places', async () => {
    await someAtATime(SEEDS, live);
  }, 300_000);
});

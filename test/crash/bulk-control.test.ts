import type { BulkControlReport } from '../../src/bulk-errors';
import { BULK_ACTIONS, BulkControl } from '../../src/client/bulk-control';
import { SystemClock } from '../../src/clock';
import { deferred } from '../../src/deferred';
import { RandomIds } from '../../src/ids';
import { silentLogger } from '../../src/logger';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import { RedisTaskReader } from '../../src/store/redis/redis-task-reader';
import { RedisTaskStore } from '../../src/store/redis/redis-task-store';
import type { TaskQuery } from '../../src/store/task-query';
import type { TaskStore } from '../../src/store/task-store';
import type { Opened, OpenedRun } from '../../src/store/worker-store';
import { FaultProxy } from '../../src/testing';
import type { ContractBackend } from '../contract/backend';
import { LONG_MS, newTask, outcome } from '../contract/bench';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { cutAt, type Sent } from './command-points';
import { liveAtEveryPoint } from './every-point';

const WAITING = ['keyed', 'later', 'mail', 'urgent', 'waits'];
const ALL = [...WAITING, 'failed', 'runs', 'stopped'].sort();
const KEY = { key: 'one', policy: 'keep', while: 'unended', windowMs: undefined } as const;
const QUEUE = 'mail';
const WORKER = 'w1';
/** What a client says to make a connection usable. */
const GREETINGS = /^(HELLO|AUTH|SELECT|CLIENT|PING)$/;
/** Nothing is done yet: the first is tried for all. */
const READS = /^(HMGET|HGET|LPOS|ZSCORE|ZRANGE)$/;

/** What a bulk call must have come to, however often it was begun. */
interface Call {
  readonly name: keyof typeof BULK_ACTIONS;
  readonly query: TaskQuery;
  /** The event of each task that it changes at once: told once. */
  readonly event: string;
  readonly changed: readonly string[];
  readonly state: 'STOPPED' | 'WAIT' | 'gone';
  /** What is stored for the worker of the running one. */
  readonly control: string | undefined;
  /** Those that a worker finds in the queues afterwards. */
  readonly runnable: readonly string[];
}

const CALLS: readonly Call[] = [
  {
    name: 'stopMany',
    query: { names: ['probe'] },
    event: 'stop',
    changed: WAITING,
    state: 'STOPPED',
    control: 'stop',
    runnable: [],
  },
  {
    name: 'restartMany',
    query: { states: ['STOPPED', 'ERROR'] },
    event: 'requeue',
    changed: ['failed', 'stopped'],
    state: 'WAIT',
    control: undefined,
    runnable: ['failed', 'keyed', 'mail', 'stopped', 'urgent', 'waits'],
  },
  {
    name: 'removeMany',
    query: {},
    event: 'remove',
    changed: ALL.filter((id) => id !== 'runs'),
    state: 'gone',
    control: 'remove',
    runnable: [],
  },
];

describe.each(CALLS)('a client that $name', (call) => {
  const server = useServer(() => startRedis());

  /** Makes the call, and is cut off at the point: for good where that `kills` it. Then it is made once more. */
  async function live(kills: boolean, point?: Sent, rehearsed?: Sent[]): Promise<void> {
    let seen = rehearsed;
    const backend = await makeRedisBackend(server().url);
    const proxy = await FaultProxy.start(server());
    const connection = new RedisConnection(proxy.url, new SystemClock(), silentLogger);
    const told: string[] = [];
    try {
      await fill(backend);
      await backend.events.onEvery(({ event, taskId }) => event === call.event && told.push(taskId));
      const struck = deferred();
      cutAt(proxy, { point, see: (sent) => seen?.push(sent), kills, struck });
      const reader = new RedisTaskReader(connection, backend.keys);
      const store = new RedisTaskStore(connection, backend.keys, new RandomIds());
      const first = make(call, { store, reader }).catch(() => {});
      await Promise.race([first, kills ? struck.promise : first]);
      seen = undefined;
      if (kills) proxy.cut();
      await expectFinished(call, backend, kills ? backend : { store, reader }, told);
    } finally {
      await connection.close();
      await proxy.stop();
      await backend.close();
    }
  }

  /** The call is made again, and a third time: there is nothing left to do. */
  async function expectFinished(
    { state, control, changed, runnable }: Call,
    backend: ContractBackend,
    client: Pick<ContractBackend, 'store' | 'reader'>,
    told: readonly string[],
  ): Promise<void> {
    addsUp(await make(call, client));
    const raw = server().connect();
    try {
      // A push that the dead one owes is the monitor's: as if it had been dead for long.
      for (const id of await raw.zrange(backend.keys.leases, '0', '-1'))
        await raw.zadd(backend.keys.leases, 'XX', 1, id);
      await backend.store.reap(LONG_MS);
      const third = await make(call, client);
      addsUp(third);
      expect(third.done).toBe(0);
      await eventually(() => expect([...told].sort()).toEqual(changed));
      const records = await backend.reader.get(changed);
      expect(records.map((record) => record?.state ?? 'gone')).toEqual(changed.map(() => state));
      expect((await backend.raw.hgetall(backend.keys.task('runs'))).control).toBe(control);
      expect(await runAll(backend)).toEqual(runnable);
      const next = await backend.store.enqueueUnique(newTask('next'), KEY);
      expect(next.kind).toBe(state === 'WAIT' ? 'duplicate' : 'started');
      // What was removed after its end is still in the end queue, for the cleanup.
      await expectPlacesClean(server().url, backend.keys, 2_000, state === 'gone' ? ['no-hash'] : []);
      expect(told).toHaveLength(changed.length);
    } finally {
      raw.disconnect();
    }
  }

  test.each([
    ['dies', true],
    ['loses its connection', false],
  ])(
    'and %s at any command has it done when it is called again, each task once',
    async (what, kills) => {
      const seen: Sent[] = [];
      await live(false, undefined, seen);
      const most = (command: string) => (READS.test(command) || !kills ? 1 : Number.POSITIVE_INFINITY);
      const points = seen.filter(({ command, nth }) => !GREETINGS.test(command) && nth <= most(command));
      await liveAtEveryPoint(`${call.name}, whose client ${what}`, points, (point) => live(kills, point));
    },
    60_000,
  );
});

/** Takes the next id of a queue, and begins its run. */
async function takeAndBegin(store: TaskStore, queue?: string): Promise<Opened[]> {
  const { ids } = await store.take({ queue, worker: WORKER, limit: 1, waitMs: 0, keepMs: LONG_MS });
  const slots = new Map([['probe', Number.POSITIVE_INFINITY]]);
  const request = {
    worker: WORKER,
    queue,
    runHere: new Set<string>(),
    slots,
    leaseMs: LONG_MS,
    unknownTaskTimeoutMs: 0,
  };
  return ids.length === 0 ? [] : store.open({ ...request, ids });
}

function runsOf(opened: readonly Opened[]): OpenedRun[] {
  return opened.filter((one) => one.kind === 'run');
}

/** One task for each place in which bulk control meets one. */
async function fill({ store }: ContractBackend): Promise<void> {
  await store.enqueue(['failed', 'runs'].map((id) => newTask(id)));
  const [failed] = runsOf(await takeAndBegin(store));
  await store.finish((failed as OpenedRun).lease, outcome('ERROR'));
  await takeAndBegin(store);
  await store.enqueue([
    newTask('waits'),
    newTask('stopped'),
    newTask('mail', { queue: QUEUE }),
    newTask('urgent', { priority: 0 }),
    newTask('later', { due: { inMs: LONG_MS } }),
  ]);
  await store.enqueueUnique(newTask('keyed'), KEY);
  await store.requestStop('stopped');
}

function make({ name, query }: Call, { store, reader }: Pick<ContractBackend, 'store' | 'reader'>) {
  return new BulkControl(name, reader, BULK_ACTIONS[name](store), undefined).run(query);
}

function addsUp({ looked, matched, done, requested, unchanged, missing }: BulkControlReport): void {
  expect(looked).toBeGreaterThanOrEqual(matched);
  expect(done + requested + unchanged + missing).toBe(matched);
}

/** Takes what is in the queues; answers the ids that run, each as often as it does. */
async function runAll({ store }: ContractBackend): Promise<string[]> {
  const ran: string[] = [];
  for (const queue of [undefined, QUEUE]) {
    let opened: readonly Opened[];
    do {
      opened = await takeAndBegin(store, queue);
      ran.push(...runsOf(opened).map(({ lease }) => lease.id));
    } while (opened.length > 0);
  }
  return ran.sort();
}

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { TaskKeys } from '../../src/task/keys';
import { runScript } from '../support/child-process';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { FreezingProxy } from '../support/freezing-proxy';
import type { GuardedProcess } from '../support/guarded-process';
import { type RedisServer, startRedis } from '../support/redis-server';

/** Redis's own return, and the noise of a busy machine, on top of the two seconds that are promised. */
const BACK_WITHIN_MS = 2_000 + 3_000;
/** Over which the worker's use of the processor is measured. */
const OUTAGE_MS = 1_500;
/** A call that is not answered counts as lost after five seconds, a blocked one after seven. */
const NOTICED_WITHIN_MS = 15_000;
const TICKS_A_SECOND = 100;

interface Fault {
  readonly fault: string;
  readonly url?: (server: RedisServer) => string;
  readonly prepare?: (stand: Stand) => Promise<unknown>;
  readonly begin: (stand: Stand) => Promise<unknown>;
  readonly end: (stand: Stand) => Promise<unknown>;
}

const drop = (redis: Redis) =>
  Promise.all(['normal', 'pubsub'].map((type) => redis.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes')));
const hang =
  (signal: 'SIGSTOP' | 'SIGCONT') =>
  async ({ server }: Stand) =>
    process.kill(server.pid, signal);

const FAULTS: readonly Fault[] = [
  {
    fault: 'is killed and comes back',
    begin: ({ server }) => server.crash(),
    end: ({ server }) => server.revive(),
  },
  { fault: 'hangs', begin: hang('SIGSTOP'), end: hang('SIGCONT') },
  {
    fault: 'becomes a replica, and a master again',
    begin: ({ redis }) => redis.replicaof('127.0.0.1', 1),
    end: ({ redis }) => redis.replicaof('NO', 'ONE'),
  },
  {
    fault: 'has no memory left',
    begin: ({ redis }) => redis.config('SET', 'maxmemory', '1mb'),
    end: ({ redis }) => redis.config('SET', 'maxmemory', '0'),
  },
  {
    fault: 'wants a password that was not given',
    begin: async ({ redis }) => {
      await redis.config('SET', 'requirepass', 'other');
      await drop(redis);
    },
    end: ({ redis }) => redis.config('SET', 'requirepass', ''),
  },
  {
    fault: 'wants another password',
    url: ({ host, port }) => `redis://worker:right@${host}:${port}`,
    prepare: ({ redis }) => redis.acl('SETUSER', 'worker', 'on', '>right', 'allkeys', 'allchannels', 'allcommands'),
    begin: async ({ redis }) => {
      await redis.acl('SETUSER', 'worker', 'resetpass', '>other');
      await drop(redis);
    },
    end: ({ redis }) => redis.acl('SETUSER', 'worker', 'resetpass', '>right'),
  },
];

/** A Redis and a worker of one test: the tests mostly wait, so they run at once. */
class Stand {
  private worker: GuardedProcess | undefined;

  private constructor(
    readonly server: RedisServer,
    /** A connection from before the fault, which survives what only keeps out new ones. */
    public redis: Redis,
  ) {}

  static async use(test: (stand: Stand) => Promise<void>): Promise<void> {
    const server = await startRedis({ appendOnly: true });
    const stand = new Stand(server, server.connect());
    try {
      await test(stand);
    } finally {
      stand.redis.disconnect();
      await stand.worker?.stop();
      await expectPlacesClean(server.url, new TaskKeys(), 10_000, ['recoverable']).finally(() => server.stop());
    }
  }

  async startWorker(url = this.server.url, leaseMs = 20_000): Promise<GuardedProcess> {
    const env = { REDIS_URL: url, LEASE_MS: String(leaseMs) };
    const worker = await runScript('test/support/away-worker.ts', { env });
    this.worker = worker;
    await worker.waitForLine(/^ready$/, 20_000);
    return worker;
  }

  async push(id: string, task: string): Promise<void> {
    await this.redis.hset(`task-${id}`, { task, data: '{}' });
    await this.redis.lpush('new-task', id);
  }

  field(id: string, name: string): Promise<string | null> {
    return this.redis.hget(`task-${id}`, name);
  }

  async untilState(id: string, state: string, deadlineMs = 10_000): Promise<void> {
    await eventually(async () => expect(await this.field(id, 'state')).toBe(state), deadlineMs);
  }

  /** A task that runs until it is stopped, and whose worker has nothing else to do with it. */
  async beginLoop(id: string): Promise<void> {
    await this.push(id, 'loop');
    await this.untilState(id, 'RUNNING');
    await eventually(async () => expect(await this.redis.keys('{new-task}:inbox:*')).toEqual([]));
  }

  /** Milliseconds from now until a task that is pushed now has run. */
  async untilWorking(id: string): Promise<number> {
    const sinceMs = performance.now();
    if (this.redis.status !== 'ready') this.redis = this.server.connect();
    await this.push(id, 'echo');
    await this.untilState(id, 'SUCCESS', BACK_WITHIN_MS);
    return Math.round(performance.now() - sinceMs);
  }
}

/** What a process has used of the processor, in seconds. */
function processorSeconds({ pid }: GuardedProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function messages({ stderrLines }: GuardedProcess): string[] {
  return stderrLines.map((line) => (line.startsWith('{') ? JSON.parse(line).msg : line));
}

describe('a worker', () => {
  test.concurrent.each(FAULTS)(
    'whose Redis $fault waits, says so once, and goes on',
    ({ fault, url, prepare, begin, end }) =>
      Stand.use(async (stand) => {
        await prepare?.(stand);
        const worker = await stand.startWorker(url?.(stand.server));
        await stand.beginLoop('a');
        const logged = worker.stderrLines.length;

        await begin(stand);
        await worker.waitForLine(/^red /, NOTICED_WITHIN_MS);
        const used = processorSeconds(worker);
        await pause(OUTAGE_MS);
        expect(processorSeconds(worker) - used).toBeLessThan((0.5 * OUTAGE_MS) / 1_000);
        report(fault, 'cpu', Math.round((100 * (processorSeconds(worker) - used)) / (OUTAGE_MS / 1_000)), '%');

        await end(stand);
        report(fault, 'taking again after', await stand.untilWorking('b'), 'ms');
        await worker.waitForLine(/^green/);
        expect(worker.isRunning).toBe(true);
        expect(await stand.redis.hgetall('task-a')).toMatchObject({ state: 'RUNNING', attempt: '1' });
        const since = messages(worker).slice(logged);
        report(fault, since, worker.stdoutLines);
        expect(new Set(since).size).toBe(since.length);
      }),
  );

  test.concurrent('whose Redis restarts disturbs no run, and takes tasks again', () =>
    Stand.use(async (stand) => {
      await stand.startWorker();
      await stand.beginLoop('a');
      stand.redis.disconnect();
      await stand.server.restart();
      report('restarts', 'taking again after', await stand.untilWorking('b'), 'ms');
      expect(await stand.redis.hgetall('task-a')).toMatchObject({ state: 'RUNNING', attempt: '1' });
    }));

  test.concurrent('whose Redis has no memory left for longer than a lease aborts no run', () =>
    Stand.use(async (stand) => {
      const leaseMs = 1_500;
      const worker = await stand.startWorker(stand.server.url, leaseMs);
      await stand.beginLoop('a');
      const lease = await stand.field('a', 'lease');
      const fromSeconds = Number(await stand.field('a', 'last_update'));
      await stand.redis.config('SET', 'maxmemory', '1mb');
      await eventually(async () => {
        expect(Number(await stand.field('a', 'last_update'))).toBeGreaterThan(fromSeconds + (2 * leaseMs) / 1_000);
      }, 10_000);
      expect(await stand.redis.hmget('task-a', 'state', 'attempt', 'lease')).toEqual(['RUNNING', '1', lease]);
      await stand.redis.config('SET', 'maxmemory', '0');
      await stand.untilWorking('b');
      await stand.redis.publish('task-a-control', 'stop');
      await stand.untilState('a', 'STOPPED');
      expect(await stand.field('a', 'attempt')).toBe('1');
      expect(worker.stdoutLines.join()).not.toContain('heartbeat');
    }));

  test.concurrent('whose Redis forgets the scripts does not notice', () =>
    Stand.use(async (stand) => {
      const worker = await stand.startWorker();
      await stand.beginLoop('a');
      const logged = worker.stderrLines.length;
      await stand.redis.script('FLUSH');
      report('forgets the scripts', 'taking again after', await stand.untilWorking('b'), 'ms');
      expect(await stand.field('a', 'attempt')).toBe('1');
      expect(messages(worker).slice(logged)).toEqual([]);
    }));

  test.concurrent('whose Redis forgets everything aborts its runs, and its local tasks and the queue go on', () =>
    Stand.use(async (stand) => {
      const worker = await stand.startWorker(stand.server.url, 3_000);
      await stand.beginLoop('a');
      const localTasks = new Set(await stand.redis.smembers('tasks'));
      await stand.redis.flushall();
      report('forgets everything', 'taking again after', await stand.untilWorking('b'), 'ms');
      await worker.waitForLine(/lease of the run is lost.*|.*"task":"loop"/);
      // The monitor, the cleanup and the scheduler, under new ids; and the cleanup has met what ended.
      await eventually(async () => {
        const active = await stand.redis.smembers('tasks');
        expect(active).toHaveLength(3);
        expect(active.some((id) => localTasks.has(id))).toBe(false);
      }, 10_000);
      await eventually(async () => expect(await stand.redis.llen('end-task')).toBe(0), 10_000);
      expect(await stand.redis.exists('task-a')).toBe(0);
    }));

  test.concurrent('whose connections are half open notices, on the one that only listens too', () =>
    Stand.use(async (stand) => {
      const proxy = await FreezingProxy.start(stand.server.port);
      try {
        const worker = await stand.startWorker(proxy.url);
        await stand.beginLoop('a');
        const sinceMs = performance.now();
        proxy.freeze();
        // Nothing else brings a plain message, and nobody sends it a second time.
        await eventually(async () => {
          await stand.redis.publish('task-a-control', 'stop');
          expect(await stand.field('a', 'state')).toBe('STOPPED');
        }, 2 * NOTICED_WITHIN_MS);
        report('half open', 'control heard after', Math.round(performance.now() - sinceMs), 'ms');
        await stand.untilWorking('b');
        await worker.waitForLine(/^green/);
      } finally {
        await proxy.stop();
      }
    }));

  test.concurrent('that blocks its event loop for longer than its lease says so', () =>
    Stand.use(async (stand) => {
      const worker = await stand.startWorker(stand.server.url, 500);
      await stand.push('a', 'block');
      await worker.waitForLine(/event loop was blocked/);
    }));
});

/** Tests run at once: each says which it is. */
function report(test: string, ...what: unknown[]): void {
  if (process.env.REPORT) process.stderr.write(`${test}: ${JSON.stringify(what, null, 1)}\n`);
}

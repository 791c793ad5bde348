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

interface Stand {
  readonly server: RedisServer;
  /** A connection from before the fault, which survives what only keeps out new ones. */
  readonly redis: Redis;
}

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

describe('a worker', () => {
  let server: RedisServer;
  let redis: Redis;
  let worker: GuardedProcess;

  beforeEach(async () => {
    server = await startRedis({ appendOnly: true });
    redis = server.connect();
  });

  afterEach(async () => {
    redis.disconnect();
    await worker.stop();
    await expectPlacesClean(server.url, new TaskKeys(), 10_000, ['recoverable']);
    await server.stop();
  });

  async function startWorker(url = server.url, leaseMs = 20_000): Promise<void> {
    worker = await runScript('test/support/away-worker.ts', { env: { REDIS_URL: url, LEASE_MS: String(leaseMs) } });
    await worker.waitForLine(/^ready$/, 20_000);
  }

  async function push(id: string, task: string): Promise<void> {
    await redis.hset(`task-${id}`, { task, data: '{}' });
    await redis.lpush('new-task', id);
  }

  const field = (id: string, name: string) => redis.hget(`task-${id}`, name);
  const untilState = (id: string, state: string, deadlineMs = 10_000) =>
    eventually(async () => expect(await field(id, 'state')).toBe(state), deadlineMs);
  const untilSettled = async (id: string) => {
    await untilState(id, 'RUNNING');
    await eventually(async () => expect(await redis.keys('{new-task}:inbox:*')).toEqual([]));
  };

  /** Milliseconds from now until a task that is pushed now has run. */
  async function untilWorking(id: string): Promise<number> {
    const sinceMs = performance.now();
    if (redis.status !== 'ready') redis = server.connect();
    await push(id, 'echo');
    await untilState(id, 'SUCCESS', BACK_WITHIN_MS);
    return Math.round(performance.now() - sinceMs);
  }

  /** What the worker has used of the processor, in seconds. */
  function processorSeconds(): number {
    const fields = readFileSync(`/proc/${worker.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  }

  function messages(): string[] {
    return worker.stderrLines.map((line) => (line.startsWith('{') ? JSON.parse(line).msg : line));
  }

  test.each(FAULTS)('whose Redis $fault waits, says so once, and goes on', async ({ url, prepare, begin, end }) => {
    await prepare?.({ server, redis });
    await startWorker(url?.(server));
    await push('a', 'loop');
    await untilSettled('a');
    const logged = worker.stderrLines.length;

    await begin({ server, redis });
    await worker.waitForLine(/^red /, NOTICED_WITHIN_MS);
    const used = processorSeconds();
    await pause(OUTAGE_MS);
    expect(processorSeconds() - used).toBeLessThan((0.5 * OUTAGE_MS) / 1_000);
    report('cpu', Math.round((100 * (processorSeconds() - used)) / (OUTAGE_MS / 1_000)), '%');

    await end({ server, redis });
    report('taking again after', await untilWorking('b'), 'ms');
    await worker.waitForLine(/^green/);
    expect(worker.isRunning).toBe(true);
    expect(await redis.hgetall('task-a')).toMatchObject({ state: 'RUNNING', attempt: '1' });
    const since = messages().slice(logged);
    report(since, worker.stdoutLines);
    expect(new Set(since).size).toBe(since.length);
  });

  test('whose Redis restarts disturbs no run, and takes tasks again', async () => {
    await startWorker();
    await push('a', 'loop');
    await untilSettled('a');
    redis.disconnect();
    await server.restart();
    report('taking again after', await untilWorking('b'), 'ms');
    expect(await redis.hgetall('task-a')).toMatchObject({ state: 'RUNNING', attempt: '1' });
  });

  test('whose Redis has no memory left for longer than a lease aborts no run', async () => {
    const leaseMs = 1_500;
    await startWorker(server.url, leaseMs);
    await push('a', 'loop');
    await untilSettled('a');
    const lease = await field('a', 'lease');
    const fromSeconds = Number(await field('a', 'last_update'));
    await redis.config('SET', 'maxmemory', '1mb');
    await eventually(async () => {
      expect(Number(await field('a', 'last_update'))).toBeGreaterThan(fromSeconds + (2 * leaseMs) / 1_000);
    }, 10_000);
    expect(await redis.hmget('task-a', 'state', 'attempt', 'lease')).toEqual(['RUNNING', '1', lease]);
    await redis.config('SET', 'maxmemory', '0');
    await untilWorking('b');
    await redis.publish('task-a-control', 'stop');
    await untilState('a', 'STOPPED');
    expect(await field('a', 'attempt')).toBe('1');
    expect(worker.stdoutLines.join()).not.toContain('heartbeat');
  });

  test('whose Redis forgets the scripts does not notice', async () => {
    await startWorker();
    await push('a', 'loop');
    await untilSettled('a');
    const logged = worker.stderrLines.length;
    await redis.script('FLUSH');
    report('taking again after', await untilWorking('b'), 'ms');
    expect(await field('a', 'attempt')).toBe('1');
    expect(messages().slice(logged)).toEqual([]);
  });

  test('whose Redis forgets everything aborts its runs, and its local tasks and the queue go on', async () => {
    await startWorker(server.url, 3_000);
    await push('a', 'loop');
    await untilSettled('a');
    const localTasks = new Set(await redis.smembers('tasks'));
    await redis.flushall();
    report('taking again after', await untilWorking('b'), 'ms');
    await worker.waitForLine(/lease of the run is lost.*|.*"task":"loop"/);
    // The monitor, the cleanup and the scheduler, under new ids; and the cleanup has met what ended.
    await eventually(async () => {
      const active = await redis.smembers('tasks');
      expect(active).toHaveLength(3);
      expect(active.some((id) => localTasks.has(id))).toBe(false);
    }, 10_000);
    await eventually(async () => expect(await redis.llen('end-task')).toBe(0), 10_000);
    expect(await redis.exists('task-a')).toBe(0);
  });

  test('whose connections are half open notices, on the one that only listens too', async () => {
    const proxy = await FreezingProxy.start(server.port);
    try {
      await startWorker(proxy.url);
      await push('a', 'loop');
      await untilSettled('a');
      const sinceMs = performance.now();
      proxy.freeze();
      // Nothing else brings a plain message, and nobody sends it a second time.
      await eventually(async () => {
        await redis.publish('task-a-control', 'stop');
        expect(await field('a', 'state')).toBe('STOPPED');
      }, 2 * NOTICED_WITHIN_MS);
      report('control heard after', Math.round(performance.now() - sinceMs), 'ms');
      await untilWorking('b');
      await worker.waitForLine(/^green/);
    } finally {
      await proxy.stop();
    }
  });

  test('that blocks its event loop for longer than its lease says so', async () => {
    await startWorker(server.url, 500);
    await push('a', 'block');
    await worker.waitForLine(/event loop was blocked/);
  });
});

function report(...what: unknown[]): void {
  if (process.env.REPORT)
    process.stderr.write(`${expect.getState().currentTestName}: ${JSON.stringify(what, null, 1)}\n`);
}

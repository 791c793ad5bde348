import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Redis } from 'ioredis';
import { runScript } from '../support/child-process';
import { eventually } from '../support/eventually';
import type { GuardedProcess } from '../support/guarded-process';
import { type RedisServer, startRedis } from '../support/redis-server';

describe('a worker process', () => {
  let server: RedisServer;
  let redis: Redis;

  beforeEach(async () => {
    server = await startRedis();
    redis = server.connect();
  });

  afterEach(async () => {
    redis.disconnect();
    await server.stop();
  });

  async function startWorker(stopTimeoutMs = 100): Promise<GuardedProcess> {
    const worker = await runScript('test/support/away-worker.ts', {
      env: { REDIS_URL: server.url, LEASE_MS: '1500', STOP_TIMEOUT_MS: String(stopTimeoutMs) },
    });
    await worker.waitForLine(/^ready$/, 20_000);
    return worker;
  }

  async function push(task: string): Promise<void> {
    await redis.hset('task-a', { task, data: '{}' });
    await redis.lpush('new-task', 'a');
  }

  const untilState = (state: string) =>
    eventually(async () => expect(await redis.hget('task-a', 'state')).toBe(state), 10_000);

  test('ends with 0 after SIGTERM, though neither a run nor its stop() ends', async () => {
    const worker = await startWorker();
    await push('stubborn');
    await untilState('RUNNING');
    worker.kill('SIGTERM');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(await redis.hget('task-a', 'state')).toBe('WAIT');
  });

  test('ends with 0 at a second signal, without waiting for the stop timeout', async () => {
    const worker = await startWorker(60_000);
    await push('stubborn');
    await untilState('RUNNING');
    worker.kill('SIGTERM');
    await worker.waitForLine(/Asked to leave/);
    worker.kill('SIGINT');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(await redis.hget('task-a', 'state')).toBe('WAIT');
  });

  test("ends with Node's own code 1 after an uncaught exception, and its task runs again elsewhere", async () => {
    const worker = await startWorker();
    await push('uncaught');
    expect(await worker.exited).toEqual({ code: 1, signal: null });
    expect(worker.stderrLines.join('\n')).toContain('thrown where nobody catches it');
    const other = await startWorker();
    await untilState('SUCCESS');
    await other.stop();
  });

  test('that is killed has no code of its own: a shell says 137', async () => {
    const worker = await startWorker();
    worker.kill('SIGKILL');
    expect(await worker.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test.each(['run', 'start'])('whose %s() is refused its port ends by itself, its app closed', async (by) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const env = { REDIS_URL: server.url, PORT: String(port), BY: by };
    const worker = await runScript('test/support/port-worker.ts', { env });
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(worker.stdoutLines).toEqual(['CONFIGURATION', 'APP_CLOSED']);
    other.close();
  });
});

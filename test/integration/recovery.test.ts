import type { Redis } from 'ioredis';
import { TaskKeys } from '../../src/task/keys';
import { runScript } from '../support/child-process';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { startPytaskWorker } from '../support/pytask-worker';
import { type RedisServer, startRedis } from '../support/redis-server';

/** Seconds: the worker's own clock of life and death, shortened. */
const FAST = { SUPERVISE: '1', MONITOR_INTERVAL: '0.2', TASK_TIMEOUT: '1.5' };
const RECOVERY_MS = 10_000;

describe('recovery', () => {
  let server: RedisServer;
  let redis: Redis;

  beforeEach(async () => {
    server = await startRedis({ appendOnly: true });
    redis = server.connect();
  });

  afterEach(async () => {
    await server.revive();
    // Workers that are killed leave things to the next monitor, and here none comes.
    await expectPlacesClean(server.url, new TaskKeys(), RECOVERY_MS, ['recoverable']);
    redis.disconnect();
    await server.stop();
  });

  const worker = (env: Readonly<Record<string, string>> = {}) =>
    startPytaskWorker({ REDIS_URL: server.url, ...FAST, ...env });

  async function push(id: string, task: string, data = '{}'): Promise<void> {
    await redis.hset(`task-${id}`, { task, data });
    await redis.lpush('new-task', id);
  }

  const hash = (id: string) => redis.hgetall(`task-${id}`);
  const untilField = (id: string, field: string, value: string) =>
    eventually(async () => expect((await hash(id))[field]).toBe(value), RECOVERY_MS);

  /** Its run has begun and its place in the inbox is settled: what is cut off before that begins anew. */
  const untilRunning = async (id: string) => {
    await untilField(id, 'state', 'RUNNING');
    await eventually(async () => expect(await redis.keys('{new-task}:inbox:*')).toEqual([]), RECOVERY_MS);
  };

  test('a task whose worker was killed runs again on another, and nothing is left of the dead one', async () => {
    const first = await worker();
    await push('a', 'loop');
    await untilField('a', 'state', 'RUNNING');
    const { worker: firstName = '' } = await hash('a');
    await first.stop();
    const second = await worker();
    await untilField('a', 'attempt', '2');
    expect((await hash('a')).worker).not.toBe(firstName);
    // Its monitor and cleanup were local tasks: the new ones are left, and the task.
    await eventually(async () => expect(await redis.scard('tasks')).toBe(3), RECOVERY_MS);
    await second.stop();
  });

  test('of a worker paused beyond its lease nothing appears any more', async () => {
    const paused = await worker();
    await push('a', 'slow', '{"seconds":0.5}');
    await untilRunning('a');
    process.kill(paused.pid, 'SIGSTOP');
    const other = await worker({ SUPERVISE: '1' });
    const events: string[] = [];
    const subscriber = server.connect();
    subscriber.on('message', (_channel: string, text: string) => events.push(JSON.parse(text).event));
    await subscriber.subscribe('task-a');
    await eventually(() => expect(events).toContain('success'), RECOVERY_MS);
    // Cleaned up by the other one, with a retention of 0: whatever the first writes now is seen.
    await eventually(async () => expect(await hash('a')).toEqual({}), RECOVERY_MS);
    process.kill(paused.pid, 'SIGCONT');
    await paused.waitForLine(/lease/i, RECOVERY_MS);
    await push('after', 'echo');
    await eventually(async () => expect(await redis.exists('task-after')).toBe(0), RECOVERY_MS);
    expect(events).toEqual(['requeue', 'start', 'success']);
    expect(await hash('a')).toEqual({});
    expect(await redis.lrange('end-task', 0, -1)).toEqual([]);
    expect(await redis.smembers('tasks')).not.toContain('a');
    subscriber.disconnect();
    await Promise.all([paused.stop(), other.stop()]);
  });

  test('a short break of Redis disturbs no run, and tasks are taken again unasked', async () => {
    const one = await worker({ TASK_TIMEOUT: '20' });
    await push('a', 'loop');
    await untilRunning('a');
    redis.disconnect();
    await server.restart();
    redis = server.connect();
    await push('b', 'slow', '{"seconds":30}');
    await untilField('b', 'state', 'RUNNING');
    expect(await hash('a')).toMatchObject({ state: 'RUNNING', attempt: '1' });
    const { last_update: before } = await hash('a');
    await eventually(async () => expect((await hash('a')).last_update).not.toBe(before), RECOVERY_MS);
    await one.stop();
  });

  test('a break longer than the lease aborts the runs, and they go on anew, local tasks included', async () => {
    const one = await worker();
    await push('a', 'loop');
    await untilField('a', 'state', 'RUNNING');
    redis.disconnect();
    process.kill(server.pid, 'SIGSTOP');
    // Of this run: its lease may end after those of the local tasks, and would be renewed if Redis came back in between.
    await one.waitForLine(/"taskId":"a".*lease of the run is lost/, RECOVERY_MS);
    process.kill(server.pid, 'SIGCONT');
    redis = server.connect();
    await untilField('a', 'attempt', '2');
    // Nobody died: it is no crash of the task.
    expect((await hash('a')).crashes ?? '0').toBe('0');
    await push('b', 'echo');
    // Gone only when the cleanup, a local task, runs again.
    await eventually(async () => expect(await redis.exists('task-b')).toBe(0), RECOVERY_MS);
    await one.stop();
  });

  test('a worker that is told to leave while it waits for its Redis leaves', async () => {
    await server.crash();
    const waiting = await runScript('build/examples/pytask-worker.js', { env: { REDIS_URL: server.url } });
    await waiting.waitForLine(/cannot be reached/);
    waiting.kill('SIGTERM');
    expect(await waiting.exited).toEqual({ code: 0, signal: null });
  });

  test('a worker leaves although its Redis hangs, and its tasks run again elsewhere', async () => {
    const leaving = await worker({ SUPERVISE: '0' });
    await push('a', 'loop');
    await untilField('a', 'state', 'RUNNING');
    process.kill(server.pid, 'SIGSTOP');
    leaving.kill('SIGTERM');
    expect(await leaving.exited).toEqual({ code: 0, signal: null });
    process.kill(server.pid, 'SIGCONT');
    const other = await worker();
    await untilField('a', 'attempt', '2');
    await other.stop();
  });

  test.each([{ state: 'RUNNING', last_update: '' }, { attempt: 'abc' }, { skip: 'abc' }, { unknown_since: 'abc' }])(
    'a hash with %p keeps no other task from running',
    async (fields) => {
      const one = await worker();
      await redis.hset('task-bad', { task: 'echo', ...fields });
      await redis.lpush('new-task', 'bad', Buffer.from([0xff, 0xfe]), 'good');
      await redis.hset('task-good', { task: 'slow', data: '{"seconds":60}' });
      await redis.lpush('new-task', 'good');
      await untilField('good', 'state', 'RUNNING');
      await redis.del('task-bad');
      await eventually(async () => expect(await redis.keys('{new-task}:inbox:*')).toEqual([]));
      await one.stop();
    },
  );

  test('a worker that starts before its Redis says so, waits, and works once Redis is there', async () => {
    await server.crash();
    const starting = worker();
    await server.revive();
    redis.disconnect();
    redis = server.connect();
    const one = await starting;
    await push('a', 'slow', '{"seconds":30}');
    await untilField('a', 'state', 'RUNNING');
    await one.stop();
  });
});

import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { eventually } from '../support/eventually';
import type { GuardedProcess } from '../support/guarded-process';
import { startPytaskWorker } from '../support/pytask-worker';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

/** Every row of the life-cycle table of the protocol, by plain Redis commands as another program would send them. */
describe('a plain Redis client and a worker', () => {
  const server = useServer(() => startRedis());
  let redis: Redis;
  let subscriber: Redis;
  let worker: GuardedProcess;
  const heard = new Map<string, { event: string; data: unknown }[]>();

  beforeAll(async () => {
    redis = server().connect();
    subscriber = server().connect();
    subscriber.on('pmessage', (_pattern: string, channel: string, text: string) => {
      if (!channel.endsWith('-control')) heard.set(channel, [...(heard.get(channel) ?? []), JSON.parse(text)]);
    });
    await subscriber.psubscribe('task-*');
    worker = await startPytaskWorker({ REDIS_URL: server().url });
  });

  afterAll(async () => {
    redis.disconnect();
    subscriber.disconnect();
    await worker.stop();
  });

  async function push(fields: Readonly<Record<string, string>>): Promise<string> {
    const id = randomUUID();
    if (Object.keys(fields).length > 0) await redis.hset(`task-${id}`, fields);
    await redis.lpush('new-task', id);
    return id;
  }

  async function running(fields: Readonly<Record<string, string>>): Promise<string> {
    const id = await push(fields);
    await untilState(id, 'RUNNING');
    return id;
  }

  const untilState = (id: string, state: string) =>
    eventually(async () => expect(await redis.hget(`task-${id}`, 'state')).toBe(state));

  async function places(id: string) {
    const [active, ended, waiting] = await Promise.all([
      redis.sismember('tasks', id),
      redis.lrange('end-task', 0, -1),
      redis.lrange('new-task', 0, -1),
    ]);
    return { active: active === 1, ended: ended.filter((one) => one === id).length, waiting: waiting.includes(id) };
  }

  const events = (id: string) => (heard.get(`task-${id}`) ?? []).map(({ event }) => event);
  const dataOf = (id: string, name: string) => heard.get(`task-${id}`)?.find(({ event }) => event === name)?.data;

  const ENDED = { active: false, ended: 1, waiting: false };
  const KEPT = { active: true, ended: 0, waiting: false };

  test.each([
    ['success', { task: 'echo', data: '{"text":"é"}' }, 'SUCCESS', /^"é"$/, 'success'],
    ['success, by the defaults of no data', { task: 'echo' }, 'SUCCESS', /^"hello world"$/, 'success'],
    ['success, by the defaults of empty data', { task: 'echo', data: '' }, 'SUCCESS', /^"hello world"$/, 'success'],
    ['an expected failure', { task: 'fail' }, 'ERROR', /^task failed$/, 'error'],
    ['an exception', { task: 'crash' }, 'EXCEPTION', /^Error: boom\n/, 'exception'],
    ['an unknown task', { task: 'no-such-task' }, 'EXCEPTION', /no-such-task/, 'exception'],
    ['bad JSON', { task: 'echo', data: '{bad' }, 'EXCEPTION', /must be JSON/, 'exception'],
    ['JSON that is no object', { task: 'echo', data: '[1]' }, 'EXCEPTION', /not an array/, 'exception'],
    ['an unexpected argument', { task: 'echo', data: '{"x":1}' }, 'EXCEPTION', /x: unknown property/, 'exception'],
    ['a hash without a task', { data: '{}' }, 'EXCEPTION', /no field "task"/, 'exception'],
  ] as const)(
    '%s: the end is written, published, and in the end queue once',
    async (_row, fields, state, output, event) => {
      const id = await push(fields);
      await untilState(id, state);
      await eventually(async () => expect(await places(id)).toEqual(ENDED));
      expect(await redis.hget(`task-${id}`, 'output')).toMatch(output);
      await eventually(() => expect(events(id)).toEqual(['start', event]));
    },
  );

  test.each([
    ['made', { task: 'echo' }, 'SUCCESS'],
    ['unknown', { task: 'no-such-task' }, 'EXCEPTION'],
  ])('cleanup=false of a task that was %s keeps it in the active set', async (_made, fields, state) => {
    const id = await push({ ...fields, cleanup: 'false' });
    await untilState(id, state);
    await eventually(() => expect(events(id)).toHaveLength(2));
    expect(await places(id)).toEqual(KEPT);
  });

  test('an id without a hash is dropped, and no hash is made up', async () => {
    const id = await push({});
    await worker.waitForLine(new RegExp(`${id}.*no hash`));
    expect(await redis.exists(`task-${id}`)).toBe(0);
    expect(await places(id)).toEqual({ active: false, ended: 0, waiting: false });
  });

  test('a key of another type does not disturb the worker', async () => {
    const id = randomUUID();
    await redis.set(`task-${id}`, 'text');
    await redis.lpush('new-task', id);
    await worker.waitForLine(new RegExp(`${id}.*key of another type`));
    await untilState(await push({ task: 'echo' }), 'SUCCESS');
  });

  test('stop: the task is STOPPED, stays in the active set, and runs again when it is pushed again', async () => {
    const id = await running({ task: 'loop', data: '{"interval":0.01}' });
    await eventually(() => expect(dataOf(id, 'text')).toBe('tick'));
    expect(await redis.publish(`task-${id}-control`, 'stop')).toBeGreaterThan(0);
    await untilState(id, 'STOPPED');
    expect(await places(id)).toEqual(KEPT);
    await redis.lpush('new-task', id);
    await untilState(id, 'RUNNING');
    await eventually(() => expect(events(id).filter((event) => event !== 'text')).toEqual(['start', 'stop', 'start']));
  });

  test('reload: the data are read anew', async () => {
    const id = await running({ task: 'loop', data: '{"interval":0.01}' });
    await redis.hset(`task-${id}`, 'data', '{"interval":0.01,"text":"new"}');
    await redis.publish(`task-${id}-control`, 'reload');
    await eventually(() => expect(heard.get(`task-${id}`)).toContainEqual({ event: 'text', data: 'new' }));
    expect(await redis.hget(`task-${id}`, 'state')).toBe('RUNNING');
  });

  test('reload with bad data: the old run goes on, and an event tells what is wrong', async () => {
    const id = await running({ task: 'loop', data: '{"interval":0.01}' });
    await redis.hset(`task-${id}`, 'data', '{"interval":"x"}');
    await redis.publish(`task-${id}-control`, 'reload');
    await eventually(() =>
      expect(dataOf(id, 'reload-rejected')).toMatchObject({ violations: [{ path: 'interval' }, { path: 'interval' }] }),
    );
    const told = heard.get(`task-${id}`)?.length ?? 0;
    await eventually(() => expect(heard.get(`task-${id}`)?.length).toBeGreaterThan(told));
  });

  test('other control messages change nothing', async () => {
    const id = await running({ task: 'loop', data: '{"interval":0.01}' });
    await redis.publish(`task-${id}-control`, 'dance');
    const told = heard.get(`task-${id}`)?.length ?? 0;
    await eventually(() => expect(heard.get(`task-${id}`)?.length).toBeGreaterThan(told));
    expect(await redis.hget(`task-${id}`, 'state')).toBe('RUNNING');
  });

  test('an id pushed again while it runs has no second run', async () => {
    const id = await running({ task: 'slow', data: '{"seconds":0.3}' });
    await redis.lpush('new-task', id);
    await untilState(id, 'SUCCESS');
    await eventually(async () => expect(await places(id)).toEqual(ENDED));
    expect(events(id)).toEqual(['start', 'success']);
  });

  test('an id pushed again when it ended runs again, without the former output', async () => {
    const id = await push({ task: 'echo', data: '{"text":"1"}' });
    await untilState(id, 'SUCCESS');
    await redis.hset(`task-${id}`, { task: 'slow', data: '{"seconds":60}' });
    await redis.lpush('new-task', id);
    await untilState(id, 'RUNNING');
    expect(await redis.hexists(`task-${id}`, 'output')).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: running tasks wait at the head of the queue, and the exit code is 0',
    async (signal) => {
      const leaving = await startPytaskWorker({
        REDIS_URL: server().url,
        TASK_PREFIX: `${signal}-`,
        TASK_SET: `${signal}-set`,
        NEW_QUEUE: `${signal}-new`,
        END_QUEUE: `${signal}-end`,
      });
      await redis.hset(`${signal}-x`, { task: 'slow', data: '{"seconds":60}' });
      await redis.lpush(`${signal}-new`, 'x');
      await eventually(async () => expect(await redis.hget(`${signal}-x`, 'state')).toBe('RUNNING'));
      leaving.kill(signal);
      expect(await leaving.exited).toEqual({ code: 0, signal: null });
      expect(await redis.hget(`${signal}-x`, 'state')).toBe('WAIT');
      expect(await redis.lrange(`${signal}-new`, 0, -1)).toEqual(['x']);
      expect(await redis.smembers(`${signal}-set`)).toEqual(['x']);
    },
  );
});

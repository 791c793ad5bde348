import { Cluster, type Redis } from 'ioredis';
import {
  type App,
  ConfigurationError,
  createApp,
  inspectRedis,
  type Mending,
  mendRedis,
  Task,
  TaskContext,
} from 'taskwarden';
import { TaskKeys } from '../../src/task/keys';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { startCluster } from '../support/redis-cluster';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

/** How often each task has run. */
const runs = new Map<string, number>();

@Task('mend/counted')
class Counted {
  async start(task: TaskContext): Promise<void> {
    runs.set(task.id, (runs.get(task.id) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const server = useServer(() => startRedis());
let raw: Redis;

beforeEach(async () => {
  raw = server().connect();
  await raw.flushall();
  runs.clear();
});

afterEach(() => raw.disconnect());

const told = (mendings: readonly Mending[]) =>
  mendings.map(({ problem, count, done }) => `${problem} ${done ?? '-'} of ${count}`).sort();
const problems = async () =>
  (await inspectRedis(server().url, { settle: 0 })).findings.map(({ problem }) => problem).sort();
const mend = async (more: object = {}) => (await mendRedis(server().url, { settle: 0, ...more })).mendings;

const WAITS = { task: 'mend/counted', state: 'WAIT' };
const RUNS = { task: 'mend/counted', state: 'RUNNING', lease: 'w:1', worker: 'w', last_update: '1000.5' };

/** What is broken, the problem it is found as, and how. */
const DAMAGES: readonly (readonly [problem: string, make: (raw: Redis) => Promise<unknown>])[] = [
  ['lost', (to) => to.hset('task-a', WAITS)],
  ['lost', (to) => to.hset('task-a', { ...WAITS, queue: 'mail', priority: '2' })],
  ['unsettled', (to) => to.hset('task-a', { task: 'x', state: 'ERROR' })],
  ['not-active', (to) => to.hset('task-a', { task: 'x', state: 'STOPPED' })],
  ['update-remainder', (to) => to.hset('task-a', { last_update: '1000.5' })],
  ['unregistered-inbox', (to) => to.pipeline().hset('task-a', WAITS).lpush('{new-task}:inbox:gone', 'a').exec()],
  [
    'inbox-overdue',
    (to) =>
      to
        .pipeline()
        .hset('task-a', WAITS)
        .lpush('{new-task}:inbox:gone', 'a')
        .zadd('{new-task}:workers', 1, 'gone')
        .exec(),
  ],
  ['overdue', (to) => to.pipeline().hset('task-a', RUNS).sadd('tasks', 'a').zadd('{tasks}:leases', 1, 'a').exec()],
  ['lease-missing', (to) => to.pipeline().hset('task-a', RUNS).sadd('tasks', 'a').exec()],
  [
    'lease-left',
    (to) => to.pipeline().hset('task-a', WAITS).lpush('new-task', 'a').zadd('{tasks}:leases', 1, 'a').exec(),
  ],
  ['left-active', (to) => to.pipeline().hset('task-a', { task: 'x', state: 'SUCCESS' }).sadd('tasks', 'a').exec()],
  [
    'push-owed',
    (to) =>
      to
        .pipeline()
        .hset('task-a', { ...WAITS, push: 'token' })
        .sadd('tasks', 'a')
        .exec(),
  ],
  ['no-hash', (to) => to.lpush('new-task', 'a', 'b', 'a')],
  ['no-hash', (to) => to.lpush('end-task', 'a')],
  ['no-hash', (to) => to.zadd('{new-task}:delayed', 1, 'a')],
  ['no-hash', (to) => to.zadd('{new-task}:prioritized', 1, 'a')],
  ['no-hash', (to) => to.pipeline().sadd('{new-task}:queues', 'mail').lpush('new-task:mail', 'a').exec()],
  ['no-hash', (to) => to.sadd('tasks', 'a')],
];

describe('mendRedis', () => {
  test.each(DAMAGES)('mends what is %s, and tells it only first where it is asked to (%#)', async (problem, make) => {
    await make(raw);
    const before = await problems();
    expect(new Set(before)).toEqual(new Set([problem]));
    const dry = await mend({ dryRun: true });
    expect(told(dry)).toEqual([`${problem} - of ${before.length}`]);
    expect(dry).toMatchObject([{ isSafe: true, way: expect.stringMatching(/^(adopt|reap|drop)$/) }]);
    expect(await problems()).toEqual(before);

    expect(told(await mend())).toEqual([`${problem} ${before.length} of ${before.length}`]);
    expect(await problems()).toEqual([]);
    expect(await mend()).toEqual([]);
  });

  test('tells each mending before it is done, and after', async () => {
    await raw.hset('task-a', WAITS);
    const heard: string[] = [];
    await mend({ onMending: ({ problem, ids, done }: Mending) => heard.push(`${problem} ${ids} ${done}`) });
    expect(heard).toEqual(['lost a undefined', 'lost a 1']);
  });

  test('leaves alone what only a person can judge', async () => {
    await raw.hset('task-a', WAITS);
    await raw.lpush('new-task', 'a', 'a');
    await raw.set('task-text', 'x');
    const mendings = await mend();
    expect(told(mendings)).toEqual(['doubled - of 1', 'other-type - of 1']);
    expect(mendings.every(({ isSafe, way }) => !isSafe && way === 'left')).toBe(true);
    expect(await raw.lrange('new-task', 0, -1)).toEqual(['a', 'a']);
  });

  test('puts a lost task back once, though two mend at once', async () => {
    for (let n = 0; n < 50; n += 1) await raw.hset(`task-${n}`, WAITS);
    await Promise.all([mend(), mend(), mend()]);
    expect(await raw.llen('new-task')).toBe(50);
  });

  test('leaves the work of a monitor to the one that is at work', async () => {
    await raw.pipeline().hset('task-a', RUNS).sadd('tasks', 'a').zadd('{tasks}:leases', 1, 'a').exec();
    await raw.set('{tasks}:monitor', 'w2', 'PX', 60_000);
    const [mending] = await mend();
    expect(mending).toMatchObject({
      problem: 'overdue',
      way: 'left',
      done: 0,
      remedy: 'left to the monitor that is at work',
    });
    expect(await raw.hget('task-a', 'state')).toBe('RUNNING');
  });

  test('does not touch a run that lives, nor what its worker holds', async () => {
    const now = Date.now();
    const lives = { ...RUNS, last_update: `${now / 1_000}` };
    await raw
      .pipeline()
      .hset('task-a', lives)
      .sadd('tasks', 'a')
      .zadd('{tasks}:leases', now + 60_000, 'a')
      .exec();
    await raw.pipeline().hset('task-b', WAITS).lpush('{new-task}:inbox:w', 'b', 'gone').exec();
    await raw.zadd('{new-task}:workers', now + 60_000, 'w');
    // Something for the monitor's way to do beside it.
    await raw.pipeline().hset('task-c', RUNS).sadd('tasks', 'c').zadd('{tasks}:leases', 1, 'c').exec();
    expect(told(await mend())).toEqual(['no-hash - of 1', 'overdue 1 of 1']);
    expect(await raw.hgetall('task-a')).toEqual(lives);
    expect(await raw.lrange('{new-task}:inbox:w', 0, -1)).toEqual(['gone', 'b']);
  });

  test('refuses options it does not know, and a taskTimeout of nothing', async () => {
    await expect(mendRedis(server().url, { dryrun: true } as object)).rejects.toThrow(ConfigurationError);
    await expect(mendRedis(server().url, { taskTimeout: 0 })).rejects.toThrow('taskTimeout must be more than 0');
  });
});

describe('mendRedis, beside workers at work on a thousand tasks', () => {
  let apps: App[] = [];
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    apps = [];
  });

  test('finds nothing wrong with them, runs none twice, and brings back what is lost', async () => {
    const lost = Array.from({ length: 200 }, (_, place) => `lost-${place}`);
    const made = raw.pipeline();
    for (const id of lost) made.hset(`task-${id}`, WAITS);
    await made.exec();
    apps = await Promise.all(
      [1, 2].map(() =>
        createApp({ redis: server().url, tasks: [Counted], logger: false, cleanup: { retention: '1h' } }),
      ),
    );
    await Promise.all(apps.map((app) => app.start()));
    const client = (apps[0] as App).client;
    let isOver = false;
    const started: string[] = [];
    const producing = (async () => {
      while (!isOver)
        started.push(
          ...(await Promise.all(Array.from({ length: 50 }, () => client.start(Counted)))).map(({ id }) => id),
        );
    })();
    const first = await mend({ settle: 1_000 });
    const second = await mend({ settle: 500 });
    isOver = true;
    await producing;
    expect(told(first)).toEqual(['lost 200 of 200']);
    expect(second).toEqual([]);
    await eventually(() => expect(runs.size).toBe(started.length + lost.length), 30_000);
    expect(started.length).toBeGreaterThan(1_000);
    expect([...runs.values()].filter((count) => count !== 1)).toEqual([]);
    await Promise.all(apps.map((app) => app.close()));
    await expectPlacesClean(server().url, new TaskKeys());
  }, 60_000);
});

describe('mendRedis, on a cluster', () => {
  const cluster = useServer(() => startCluster());

  test('brings back what is lost, and drops nothing that it cannot see together with its hash', async () => {
    const spec = { cluster: cluster().startupNodes };
    const app = await createApp({ redis: spec, logger: false, worker: false });
    const { id } = await app.client.start('mend/counted', {});
    await app.close();
    const client = new Cluster([...spec.cluster]);
    await client.del('new-task');
    await client.lpush('new-task', 'gone');
    const { mendings } = await mendRedis(spec, { settle: 0 });
    expect(told(mendings)).toEqual(['lost 1 of 1', 'no-hash - of 1']);
    expect(await client.lrange('new-task', 0, -1)).toEqual([id, 'gone']);
    client.disconnect();
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type App,
  type AppOptions,
  createApp,
  diagnoseRedis,
  inspectRedis,
  mendRedis,
  StoreRefusedError,
  Task,
  TaskContext,
  TaskError,
} from 'taskwarden';
import { TaskKeys } from '../../src/task/keys';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const ROOT = join(__dirname, '../..');
const SCRIPTS = join(ROOT, 'src/store/redis/scripts');
const SECTION = readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8').split('## ACL\n')[1] as string;
/** `ACL SETUSER <name> <rules>`, as the page tells it. */
const RULES = (/```\n([^`]+)```/.exec(SECTION)?.[1] ?? '').trim().split(/\s+/).slice(3);
/** What the page says that something needs beside. */
const moreFor = (what: string) =>
  new RegExp(`^\\| ${what} *\\| \`([^\`]+)\` *\\|$`, 'm').exec(SECTION)?.[1]?.replaceAll('\\|', '|').split(' ') ?? [];

@Task('acl/brief')
class Brief {
  async start(task: TaskContext): Promise<string> {
    await task.progress(1);
    await task.emit('step', 1);
    task.log.info({}, 'a step');
    if (task.attempt > 5) throw new TaskError('too often');
    return 'done';
  }
}

@Task('acl/staying', { concurrency: 1 })
class Staying {
  start(task: TaskContext): Promise<void> {
    return new Promise((resolve) => task.signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}

describe('the rights that docs/protocol.md lists', () => {
  test.each(readdirSync(SCRIPTS))('hold each command of %s', (file) => {
    const calls = readFileSync(join(SCRIPTS, file), 'utf8').matchAll(/redis\.p?call\(([^,)]*)/g);
    const commands = [...calls].flatMap(([, name = '']) => [...name.matchAll(/'([A-Z]+)'/g)].map(([, one]) => one));
    const needed = [...new Set(commands)].map((command) => `+${command?.toLowerCase()}`);
    expect(RULES).toEqual(expect.arrayContaining(needed));
  });
});

describe('a user with no other rights than docs/protocol.md lists', () => {
  const server = useServer(() => startRedis());

  /** Redis's URL for a user with the rights of the page, and what was refused to it since. */
  async function user(more: readonly string[] = [], without?: string) {
    const raw = server().connect();
    try {
      await raw.flushall();
      await raw.acl('SETUSER', 'taskwarden', ...RULES.filter((rule) => rule !== without), ...more);
      await raw.acl('LOG', 'RESET');
    } finally {
      raw.disconnect();
    }
    return `redis://taskwarden:password@${server().host}:${server().port}`;
  }

  async function refused(): Promise<unknown> {
    const raw = server().connect();
    try {
      return ((await raw.acl('LOG')) as unknown[][]).map((entry) => entry[5] ?? entry);
    } finally {
      raw.disconnect();
    }
  }

  const apps: App[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });

  async function appOn(redis: string, options: AppOptions = {}): Promise<App> {
    const app = await createApp({
      tasks: [Brief, Staying],
      redis,
      logger: false,
      taskTimeout: 500,
      worker: { grace: 0 },
      monitor: { interval: 50 },
      cleanup: { interval: 50, retention: '1h' },
      ...options,
    });
    apps.push(app);
    return app;
  }

  test('is refused nothing in the life of a worker: start, runs, control, clean-up and leave', async () => {
    const app = await appOn(await user());
    const { client } = app;
    await app.start();
    const runs = await Promise.all([1, 2, 3].map(() => client.start(Brief)));
    await Promise.all(runs.map((run) => run.result({ timeout: '5s' })));
    expect(await runs[0]?.log()).toHaveLength(1);
    await client.restart(runs[0]?.id as string);
    await client.remove(runs[2]?.id as string);
    const [stays, waits] = [await client.start(Staying), await client.start(Staying)];
    await eventually(async () => expect((await stays.get())?.state).toBe('RUNNING'));
    await client.stop(waits.id);
    await client.remove(waits.id);
    await client.reload(stays.id);
    await eventually(async () => expect((await client.counts()).ended).toBe(0));
    const raw = server().connect();
    await eventually(async () => expect(await raw.pttl(`task-${runs[1]?.id}`)).toBeGreaterThan(0));
    // A dead worker's: its inbox, and a run whose lease has lapsed.
    await raw.zadd('{new-task}:workers', 1, 'dead');
    await raw.hset('task-left', { task: 'acl/brief', state: 'RUNNING', last_update: '1.000000000', worker: 'dead' });
    await raw.sadd('tasks', 'left');
    await raw.lpush('{new-task}:inbox:dead', 'left');
    await eventually(async () => expect(await raw.hget('task-left', 'state')).toBe('SUCCESS'));
    raw.disconnect();
    expect(app.health.problems).toEqual([]);
    await app.close();
    expect(await refused()).toEqual([]);
    await expectPlacesClean(server().url, new TaskKeys());
  });

  test('with what the page adds for it may search for orphans, inspect and wait for replicas', async () => {
    const more = ['`inspectRedis`', '`monitor.orphanScan`', "`start` with `durability: 'replicated'`"].map(moreFor);
    expect(more.filter((rights) => rights.length === 0)).toEqual([]);
    const url = await user(more.flat());
    const app = await appOn(url, { monitor: { interval: 50, orphanScan: 50 } });
    await app.start();
    const replicated = { durability: 'replicated', replicationTimeout: 50 } as const;
    await expect(app.client.start(Brief, undefined, replicated)).rejects.toThrow('no replica confirmed it');
    const raw = server().connect();
    await raw.hset('task-lost', { task: 'acl/brief', state: 'WAIT' });
    await eventually(async () => expect(await raw.hget('task-lost', 'state')).toBe('SUCCESS'));
    raw.disconnect();
    await inspectRedis(url, { settle: 0 });
    expect(app.health.problems).toEqual([]);
    await app.close();
    expect(await refused()).toEqual([]);
  });

  test('with what the page adds for it may be diagnosed, and have mended what is broken', async () => {
    const more = moreFor('`taskwarden doctor`');
    expect(more).not.toEqual([]);
    const url = await user(more);
    const raw = server().connect();
    await raw.hset('task-lost', { task: 'acl/brief', state: 'WAIT' });
    await raw.lpush('new-task', 'gone');
    await raw.sadd('tasks', 'left');
    const { checks } = await diagnoseRedis(url, { settle: 0 });
    expect(checks.filter(({ message }) => /not be looked at|not told|may not/.test(message))).toEqual([]);
    const { mendings } = await mendRedis(url, { settle: 0 });
    expect(mendings.map(({ count, done }) => [count, done])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    raw.disconnect();
    expect(await refused()).toEqual([]);
  });

  test.each([
    ['~{task-*}:log', 'rpush {task-doctor}:log'],
    ['&{new-task}:wake', 'publish {new-task}:wake, subscribe {new-task}:wake'],
    ['&task-*-control', 'psubscribe task-*-control'],
  ])('is told by a diagnosis what it may not do without %s', async (right, commands) => {
    const url = await user(moreFor('`taskwarden doctor`'), right);
    const { checks, needsHand } = await diagnoseRedis(url, { settle: 0 });
    expect(checks.filter(({ name }) => name === 'rights')).toMatchObject([
      { mark: 'warning', message: `the user taskwarden may not do what a worker does: ${commands}` },
    ]);
    expect(needsHand).toBe(true);
  });

  test('with what the page adds for it may start unique tasks, and have them cleaned up and removed', async () => {
    const more = moreFor('unique tasks');
    expect(more).not.toEqual([]);
    const app = await appOn(await user(more));
    const unique = { key: 'one', policy: 'debounce', window: 50 } as const;
    const debounced = await app.client.start(Brief, undefined, { unique });
    expect((await app.client.start(Brief, undefined, { unique })).isNew).toBe(false);
    const throttled = { key: 'two', policy: 'throttle', window: '1h' } as const;
    await app.client.remove((await app.client.start(Brief, undefined, { unique: throttled })).id);
    await app.start();
    await debounced.result({ timeout: '5s' });
    await eventually(async () => expect((await app.client.counts()).ended).toBe(0));
    expect(app.health.problems).toEqual([]);
    await app.close();
    expect(await refused()).toEqual([]);
  });

  test('with what the page adds for it may look through all tasks and control them', async () => {
    const more = moreFor('`client.list`, `client.count`, `stopMany`, `restartMany`, `removeMany`');
    const { client } = await appOn(await user(more), { worker: false });
    expect(more).not.toEqual([]);
    await client.start(Brief);
    for await (const { id } of client.list({ youngerThan: '1h' })) expect(id).toHaveLength(22);
    expect(await client.stopMany({ all: true })).toMatchObject({ done: 1 });
    expect(await client.restartMany({ all: true })).toMatchObject({ done: 1 });
    expect(await client.removeMany({ all: true })).toMatchObject({ done: 1 });
    expect(await refused()).toEqual([]);
  });

  test.each(['-lpush', '-hset'])('is told where the rights are listed, should one be missing: %s', async (missing) => {
    const app = await appOn(await user([missing]), { worker: false });
    const error = await app.client.start(Brief).catch((reason: unknown) => reason);
    await app.close();
    expect(error).toBeInstanceOf(StoreRefusedError);
    expect((error as Error).message).toContain('docs/protocol.md#acl');
  });
});

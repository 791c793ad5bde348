import type { App } from '../../src/app/app';
import type { CleanupOptions } from '../../src/app/options';
import { Injectable } from '../../src/decorators/injection';
import { Task } from '../../src/decorators/task';
import { TaskError } from '../../src/errors';
import type { CleanupHandler } from '../../src/supervision/supervision-settings';
import type { TaskRecord } from '../../src/task/record';
import { TaskContext } from '../../src/task/task-context';
import { Desk } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';
import { useTestApps } from '../support/use-test-apps';

@Task('end')
class End {
  async start(task: TaskContext): Promise<string> {
    if (task.id.startsWith('error')) throw new TaskError('expected');
    if (task.id.startsWith('exception')) throw new Error('boom');
    return 'done';
  }
}

@Injectable()
class Noting implements CleanupHandler {
  constructor(private readonly desk: Desk) {}

  async handle(task: TaskRecord): Promise<void> {
    this.desk.notes.push(task.id);
    if (task.id.endsWith('throwing')) throw new RangeError('of the handler');
  }

  dispose(): void {
    this.desk.notes.push('disposed');
  }
}

const HOUR_MS = 3_600_000;

describe.each(PLACES)('the cleanup, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp(cleanup: CleanupOptions | false = {}) {
    const desk = new Desk();
    const app = await stage().app({
      tasks: [End],
      providers: [Desk.provide(desk)],
      cleanup: cleanup && { interval: 5, ...cleanup },
      worker: { heartbeatInterval: 20 },
      taskTimeout: '10s',
    });
    return { desk, client: app.client, app };
  }

  async function end(client: Awaited<ReturnType<typeof setUp>>['client'], ...ids: readonly string[]): Promise<void> {
    for (const id of ids) await client.start(End, {}, { id });
    await eventually(async () => expect(await stage().queue()).toEqual([]));
  }

  test('hands every ended task to the handler, which has services injected, once', async () => {
    const { desk, client } = await setUp({ handler: Noting });
    const ids = Array.from({ length: 250 }, (_, index) => `t${index}`);
    await Promise.all([...ids, 'error', 'exception'].map((id) => client.start(End, {}, { id })));
    await eventually(() => expect(desk.notes).toHaveLength(252), 10_000);
    expect([...desk.notes].sort()).toEqual([...ids, 'error', 'exception'].sort());
    await eventually(async () => expect(await stage().endQueue()).toEqual([]));
  });

  test('a handler that throws is logged, and the task is cleaned up all the same', async () => {
    const { client } = await setUp({ handler: Noting, retention: 0 });
    await end(client, 'throwing', 'b');
    await eventually(async () => expect(await stage().hash('throwing')).toEqual({}));
    expect((await stage().untilLogged('The cleanup handler threw')).fields).toMatchObject({
      err: expect.any(RangeError),
      taskId: 'throwing',
    });
  });

  test('retention 0 removes tasks at once, and leaves nothing', async () => {
    const { client } = await setUp({ retention: 0 });
    await end(client, 'a', 'error', 'exception');
    for (const id of ['a', 'error', 'exception']) {
      await eventually(async () => expect(await stage().hash(id)).toEqual({}));
    }
    await eventually(async () => expect(await client.counts()).toMatchObject({ ended: 0, waiting: 0 }));
  });

  test('a task that was started with cleanup: false stays in the active set, and is not handed over', async () => {
    const { desk, client } = await setUp({ handler: Noting, retention: 0 });
    await client.start(End, {}, { id: 'kept', cleanup: false });
    await stage().untilState('kept', 'SUCCESS');
    await end(client, 'b');
    await eventually(async () => expect(await stage().hash('b')).toEqual({}));
    expect(desk.notes).toEqual(['b']);
    expect(await stage().hash('kept')).toMatchObject({ state: 'SUCCESS' });
    expect(await stage().active()).toContain('kept');
  });

  test('without it ended tasks stay, and their ids wait in the end queue', async () => {
    const { client } = await setUp(false);
    await end(client, 'a');
    await eventually(async () => expect(await stage().endQueue()).toEqual(['a']));
  });

  test('takes up what ended before it came', async () => {
    const { client, app } = await setUp(false);
    await end(client, 'a', 'b');
    await app.close();
    const { desk } = await setUp({ handler: Noting });
    await eventually(() => expect(desk.notes).toEqual(expect.arrayContaining(['a', 'b'])));
  });

  test('a handler with dispose is disposed when the app closes, once', async () => {
    const { desk, app, client } = await setUp({ handler: Noting });
    await end(client, 'a');
    await eventually(() => expect(desk.notes).toEqual(['a']));
    await app.close();
    expect(desk.notes).toEqual(['a', 'disposed']);
  });

  test('a handler is not disposed while the app works, though the cleanup lost its lease and began anew', async () => {
    const { desk, client } = await setUp({ handler: Noting });
    await end(client, 'a');
    await eventually(() => expect(desk.notes).toEqual(['a']));
    const [cleanup] = await stage().active();
    await stage().backend.raw.del(stage().backend.keys.task(cleanup as string));
    await eventually(async () => {
      const active = await stage().active();
      expect(active.filter((id) => id !== cleanup)).toHaveLength(1);
    });
    await end(client, 'b');
    await eventually(() => expect(desk.notes).toContain('b'));
    expect(desk.notes).toEqual(['a', 'b']);
  });

  test('an id in the end queue whose key is no hash does not keep others from their clean-up', async () => {
    const { desk, client, app } = await setUp(false);
    await end(client, 'a');
    await app.close();
    const { keys, raw } = stage().backend;
    if (place === 'redis') await raw.lpush(keys.task('poison'), 'a list');
    await raw.lpush(keys.endQueue, 'poison', 'no-hash');
    const next = await setUp({ handler: Noting });
    await eventually(() => expect(next.desk.notes).toEqual(['a']));
    expect(desk.notes).toEqual([]);
  });
});

describe('the retention of ended tasks', () => {
  describe('on redis', () => {
    const stage = Stage.use('redis');

    async function work(retention?: CleanupOptions['retention']): Promise<App> {
      return stage().app({
        tasks: [End],
        cleanup: retention === undefined ? { interval: 5 } : { interval: 5, retention },
      });
    }

    async function ttlOf(id: string, app: App): Promise<number> {
      await app.client.start(End, {}, { id });
      const { keys } = stage().backend;
      return eventually(async () => {
        const ttlMs = await stage().ttlMs(keys.task(id));
        expect(ttlMs).toBeGreaterThan(0);
        return ttlMs;
      });
    }

    test.each([
      ['a', HOUR_MS],
      ['error', 7 * 24 * HOUR_MS],
      ['exception', 7 * 24 * HOUR_MS],
    ])('is by default an hour for success and seven days for failures: %s', async (id, expectedMs) => {
      expect(Math.abs((await ttlOf(id, await work())) - expectedMs)).toBeLessThan(20_000);
    });

    test.each([
      ['a', 60_000],
      ['error', 120_000],
    ])('is what was chosen for each: %s', async (id, expectedMs) => {
      expect(Math.abs((await ttlOf(id, await work({ success: '1m', failure: '2m' }))) - expectedMs)).toBeLessThan(
        20_000,
      );
    });

    test('of one kind may be 0 while the other is kept', async () => {
      await ttlOf('error', await work({ success: 0 }));
      await stage().setHash('a', { task: 'end', data: '{}' });
      await stage().push('a');
      await eventually(async () => expect(await stage().endQueue()).toEqual([]));
      await eventually(async () => expect(await stage().hash('a')).toEqual({}));
      expect(await stage().hash('error')).toMatchObject({ state: 'ERROR' });
    });

    test('is over when the task is restarted', async () => {
      const app = await work();
      await ttlOf('a', app);
      await app.close();
      const { client } = await stage().app();
      expect(await client.restart('a')).toBe('done');
      expect(await stage().ttlMs(stage().backend.keys.task('a'))).toBe(-1);
    });
  });

  describe('in memory', () => {
    const make = useTestApps();

    test('is by default an hour for success and seven days for failures', async () => {
      const app = await make({ tasks: [End], scheduler: false });
      for (const id of ['a', 'error']) await app.client.start(End, {}, { id });
      await app.advance(HOUR_MS - 5_000);
      expect(await app.client.get('a')).toBeDefined();
      await app.advance(10_000);
      expect(await app.client.get('a')).toBeUndefined();
      expect(await app.client.get('error')).toBeDefined();
    });
  });
});

import { createApp } from '../../src/app/create-app';
import { CLOCK } from '../../src/clock';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { AppClosedError } from '../../src/errors';
import { TASK_STORE, type TaskStore } from '../../src/store/task-store';
import { TaskEvent } from '../../src/task/event';
import { ManualClock } from '../../src/testing/manual-clock';
import { eventually } from '../support/eventually';
import { startRedis } from '../support/redis-server';
import { Desk, Staying } from './desk';
import { PLACES, Stage } from './stage';

@Task('quick')
class Quick {
  start(): string {
    return 'done';
  }
}

describe.each(PLACES)('an app, on %s', (place) => {
  const stage = Stage.use(place);

  test('takes tasks from its start on, not before', async () => {
    const app = await stage().make({ tasks: [Quick] });
    const handle = await app.client.start(Quick);
    expect(await stage().queue()).toEqual([handle.id]);
    await app.start();
    expect(await handle.result({ timeout: '5s' })).toBe('done');
  });

  test('starts once, however often it is told to', async () => {
    const app = await stage().make({ tasks: [Quick], monitor: {} });
    await Promise.all([app.start(), app.start()]);
    await app.start();
    expect(await stage().active()).toHaveLength(1);
  });

  test('cannot be started after it was closed', async () => {
    const app = await stage().make({ tasks: [Quick] });
    await app.close();
    await expect((async () => app.start())()).rejects.toBeInstanceOf(AppClosedError);
  });

  test('starts no task after it was closed', async () => {
    const app = await stage().make({ tasks: [Quick] });
    await app.close();
    await expect(app.client.start(Quick)).rejects.toBeInstanceOf(AppClosedError);
    expect(await stage().queue()).toEqual([]);
  });

  test('that is refused a start says so by a rejection, not by a throw', async () => {
    const app = await stage().make({ tasks: [Quick] });
    await app.close();
    const outcome = app.start().catch((error: unknown) => error);
    expect(await outcome).toBeInstanceOf(AppClosedError);
  });

  test('can be closed without having started', async () => {
    const app = await stage().make({ tasks: [Quick], monitor: {}, cleanup: {} });
    await app.close();
    expect(await stage().active()).toEqual([]);
  });

  test('that is closed while it starts leaves nothing behind', async () => {
    const app = await stage().make({ tasks: [Quick], monitor: {}, cleanup: {} });
    const starting = app.start().catch(() => {});
    await app.close();
    await starting;
    expect(await stage().active()).toEqual([]);
    expect(stage().logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test.each([{ tasks: [Quick], worker: false as const }, { tasks: [] }, {}])(
    'only produces where it is told so, or has no tasks: %p',
    async (options) => {
      const app = await stage().make(options);
      const take = jest.spyOn(app.get<TaskStore>(TASK_STORE), 'take');
      await app.start();
      const { id } = await app.client.start(Quick);
      expect(await stage().queue()).toEqual([id]);
      await app.close();
      expect(take).not.toHaveBeenCalled();
      take.mockRestore();
    },
  );
});

describe('two apps in one process', () => {
  test('share nothing: neither tasks, nor services, nor events', async () => {
    const [first, second] = [new Desk(), new Desk()];
    class Listener {
      @OnEvent('*')
      onAny(event: TaskEvent): void {
        // The monitor and the cleanup are tasks too.
        if (event.taskName === 'staying') second.notes.push(event.event);
      }
    }
    const [one, two] = await Promise.all([
      createApp({ tasks: [Staying], providers: [Desk.provide(first)], logger: false }),
      createApp({ tasks: [Staying], providers: [Desk.provide(second)], listeners: [Listener], logger: false }),
    ]);
    await Promise.all([one.start(), two.start()]);
    await two.client.start(Staying, {}, { id: 'own' });
    await eventually(() => expect(second.notes).toContain('start'));
    second.notes.length = 0;
    const handle = await one.client.start(Staying, {}, { id: 'a' });
    await first.untilBegan('a');
    expect(await two.client.get('a')).toBeUndefined();
    first.gate('a').open('done');
    expect(await handle.result({ timeout: '5s' })).toBe('done');
    await one.close();
    second.gate('own').open('still works');
    expect(await two.client.result('own', { timeout: '5s' })).toBe('still works');
    expect(second.began).toEqual(['own']);
    expect(second.notes).toEqual(['success']);
    await two.close();
  });
});

describe('an app that closed', () => {
  test('leaves no timer behind', async () => {
    const clock = new ManualClock();
    const app = await createApp({
      tasks: [Quick],
      logger: false,
      providers: [{ provide: CLOCK, useValue: clock }],
    });
    await app.start();
    await (await app.client.start(Quick)).result();
    await clock.advance(20_000);
    await app.close();
    expect(clock.timerCount).toBe(0);
  });

  test('while it started leaves no timer behind', async () => {
    const clock = new ManualClock();
    const app = await createApp({ tasks: [Quick], logger: false, providers: [{ provide: CLOCK, useValue: clock }] });
    const starting = app.start().catch(() => {});
    await app.close();
    await starting;
    await clock.advance(100);
    expect(clock.timerCount).toBe(0);
  });
});

describe('an app whose Redis is away when it starts', () => {
  test('works, and its listeners hear, once Redis is there', async () => {
    const desk = new Desk();
    class Listener {
      @OnEvent('quick:success')
      onSuccess(event: TaskEvent): void {
        desk.notes.push(event.data);
      }
    }
    const redis = await startRedis();
    await redis.crash();
    const app = await createApp({ redis: redis.url, tasks: [Quick], listeners: [Listener], logger: false });
    const starting = app.start();
    starting.catch(() => {});
    await redis.revive();
    await starting;
    await eventually(() => app.client.start(Quick));
    await eventually(() => expect(desk.notes).toEqual(['done']));
    await app.close();
    await redis.stop();
  });

  test('can be closed although Redis never came', async () => {
    const app = await createApp({ redis: 'redis://127.0.0.1:1', tasks: [Quick], logger: false });
    const starting = app.start().catch(() => {});
    await app.client.start(Quick).catch(() => {});
    await app.close();
    await starting;
  }, 10_000);

  test('can be closed although Redis went away', async () => {
    const redis = await startRedis();
    const app = await createApp({ redis: redis.url, tasks: [Quick], logger: false, worker: { grace: 0 } });
    await app.start();
    await (await app.client.start(Quick)).result({ timeout: '5s' });
    await redis.crash();
    await app.client.start(Quick).catch(() => {});
    await app.close();
    await redis.stop();
  }, 15_000);
});

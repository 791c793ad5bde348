import type { App } from '../../src/app/app';
import type { Provider } from '../../src/app/provider';
import { Injectable } from '../../src/decorators/injection';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { TaskContext } from '../../src/task/task-context';
import { eventually } from '../support/eventually';
import { Desk } from './desk';
import { Stage } from './stage';

@Injectable()
class AppWide {
  constructor(private readonly desk: Desk) {}

  dispose(): void {
    this.desk.notes.push('app-wide');
  }
}

@Injectable()
class OfRun {
  constructor(
    private readonly desk: Desk,
    private readonly task: TaskContext,
  ) {}

  async dispose(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.desk.notes.push(`service of ${this.task.id}`);
  }
}

/** In no list of providers: made for whoever asks. */
@Injectable()
class Unlisted {
  constructor(private readonly desk: Desk) {}

  dispose(): void {
    this.desk.notes.push('unlisted');
  }
}

@Task('using')
class Using {
  constructor(
    private readonly desk: Desk,
    readonly appWide: AppWide,
    readonly ofRun: OfRun,
    readonly unlisted: Unlisted,
  ) {}

  async start(task: TaskContext): Promise<void> {
    await this.desk.stay(task);
    if (task.id === 'failing') throw new Error('boom');
  }

  dispose(): void {
    this.desk.notes.push('task');
  }
}

@Injectable()
class Listener {
  constructor(private readonly desk: Desk) {}

  @OnEvent('*')
  onAny(): void {}

  dispose(): void {
    this.desk.notes.push('listener');
  }
}

describe('what is disposed, and when', () => {
  const stage = Stage.use();
  let desk: Desk;
  let app: App;

  beforeEach(() => {
    desk = new Desk();
  });

  async function start(...ids: readonly string[]): Promise<void> {
    app = await stage().app({
      tasks: [Using],
      providers: [Desk.provide(desk), AppWide, { provide: OfRun, useClass: OfRun, scope: 'run' }],
    });
    for (const id of ids) {
      await app.client.start(Using, {}, { id });
      await desk.untilBegan(id);
    }
  }

  test.each(['a', 'failing'])('at the end of run %s: what was made for it, and nothing app-wide', async (id) => {
    await start(id);
    desk.gate(id).open(undefined);
    await eventually(() => expect(desk.notes).toHaveLength(3));
    expect([...desk.notes].sort()).toEqual([`service of ${id}`, 'task', 'unlisted']);
    await app.close();
    expect(desk.notes.slice(3)).toEqual(['app-wide']);
  });

  test('at a stop: what was made for the run', async () => {
    await start('a');
    await app.client.stop('a');
    await eventually(() => expect([...desk.notes].sort()).toEqual(['service of a', 'task', 'unlisted']));
  });

  test('at a reload: what was made for the old run; the new one has its own', async () => {
    await start('a');
    await app.client.reload('a');
    await desk.untilBegan('a', 2);
    await eventually(() => expect([...desk.notes].sort()).toEqual(['service of a', 'task', 'unlisted']));
    desk.gate('a').open(undefined);
    await eventually(() => expect(desk.notes).toHaveLength(6));
  });

  test('at a reload: the old run is disposed before the new one begins', async () => {
    await start('a');
    await app.client.reload('a');
    await desk.untilBegan('a', 2);
    expect(desk.notes).toHaveLength(3);
  });

  test('at close: runs first, then services', async () => {
    await start('a', 'b');
    await app.close();
    expect(desk.notes).toHaveLength(7);
    expect(desk.notes.at(-1)).toBe('app-wide');
  });

  test('at close: services in reverse order, each awaited, one that fails notwithstanding', async () => {
    const order: string[] = [];
    const service = (name: string, fails = false): Provider => ({
      provide: name,
      useFactory: () => ({
        dispose: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          order.push(name);
          if (fails) throw new RangeError(name);
        },
      }),
    });
    app = await stage().app({ providers: [service('one'), service('two', true), service('three')] });
    await app.close();
    expect(order).toEqual(['three', 'two', 'one']);
    expect((await stage().untilLogged('could not be disposed')).fields).toMatchObject({ err: expect.any(RangeError) });
  });

  test('at close: values are left to their owner', async () => {
    const value = { dispose: jest.fn() };
    app = await stage().app({ providers: [{ provide: 'value', useValue: value }] });
    await app.close();
    expect(value.dispose).not.toHaveBeenCalled();
  });

  test('at close: a listener, once', async () => {
    app = await stage().app({ listeners: [Listener], providers: [Desk.provide(desk)] });
    await app.close();
    expect(desk.notes).toEqual(['listener']);
  });

  test('at close: a listener that is a provider too, once', async () => {
    app = await stage().app({ listeners: [Listener], providers: [Desk.provide(desk), Listener] });
    await app.close();
    expect(desk.notes).toEqual(['listener']);
  });

  test('at close: a service under two tokens, once', async () => {
    const service = { dispose: jest.fn() };
    const providers: Provider[] = [
      { provide: 'one', useFactory: () => service },
      { provide: 'two', useFactory: (resolve) => resolve('one') },
    ];
    app = await stage().app({ providers });
    await app.close();
    expect(service.dispose).toHaveBeenCalledTimes(1);
  });

  test('closing twice disposes once, and waits for it both times', async () => {
    await start('a');
    await Promise.all([app.close(), app.close()]);
    expect(desk.notes.filter((note) => note === 'app-wide')).toEqual(['app-wide']);
  });
});

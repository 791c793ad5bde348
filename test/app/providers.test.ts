import { createApp } from '../../src/app/create-app';
import type { AppOptions } from '../../src/app/options';
import type { Provider } from '../../src/app/provider';
import { CLOCK } from '../../src/clock';
import { Inject, Injectable } from '../../src/decorators/injection';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { ConfigurationError } from '../../src/errors';
import { EVENT_BUS } from '../../src/events/event-bus';
import { ID_SOURCE } from '../../src/ids';
import { LOGGER, type Logger, silentLogger } from '../../src/logger';
import { TASK_READER } from '../../src/store/task-reader';
import { TASK_STORE } from '../../src/store/task-store';
import { TaskContext } from '../../src/task/task-context';
import { ManualClock } from '../../src/testing/manual-clock';
import { makeMemoryBackend } from '../support/memory-backend';
import { Desk } from './desk';
import { Stage } from './stage';

const URL_TOKEN = Symbol('url');

@Injectable()
class Pool {
  constructor(@Inject(URL_TOKEN) readonly url: string) {}
}

@Injectable()
class Repository {
  constructor(readonly pool: Pool) {}
}

@Injectable()
class PerRun {
  constructor(readonly context: TaskContext) {}
}

@Task('using')
class Using {
  constructor(
    private readonly desk: Desk,
    private readonly repository: Repository,
    private readonly one: PerRun,
    private readonly two: PerRun,
  ) {}

  start(task: TaskContext): void {
    this.desk.notes.push(this.repository, this.one, this.one === this.two, this.one.context === task);
  }
}

describe('providers', () => {
  const stage = Stage.use();

  function make(...providers: Provider[]) {
    return stage().make({ providers });
  }

  test('a value is given as it is', async () => {
    const value = { any: 'thing' };
    const app = await make({ provide: URL_TOKEN, useValue: value });
    expect(app.get(URL_TOKEN)).toBe(value);
  });

  test('a class alone stands for itself, made once', async () => {
    const app = await make({ provide: URL_TOKEN, useValue: 'db:' }, Pool, Repository);
    expect(app.get(Repository).pool).toBe(app.get(Pool));
    expect(app.get(Pool).url).toBe('db:');
  });

  test('a class may stand for another', async () => {
    class FakePool {
      readonly url = 'fake:';
    }
    const app = await make({ provide: Pool, useClass: FakePool }, Repository);
    expect(app.get(Repository).pool).toBeInstanceOf(FakePool);
  });

  test('factories are awaited in order, and may use what stands before them', async () => {
    const order: string[] = [];
    const app = await make(
      {
        provide: URL_TOKEN,
        useFactory: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          order.push('url');
          return 'db:';
        },
      },
      {
        provide: Pool,
        useFactory: (resolve) => {
          order.push('pool');
          return new Pool(resolve<string>(URL_TOKEN));
        },
      },
      Repository,
    );
    expect(order).toEqual(['url', 'pool']);
    expect(app.get(Repository).pool.url).toBe('db:');
  });

  test('a factory that fails fails createApp, and what was made before is disposed, the last first', async () => {
    const disposed: string[] = [];
    const disposable = (name: string) => ({ dispose: () => disposed.push(name) });
    const failure = new RangeError('no database');
    const providers: Provider[] = [
      { provide: 'one', useFactory: () => disposable('one') },
      { provide: 'two', useFactory: async () => disposable('two') },
      { provide: 'three', useFactory: () => Promise.reject(failure) },
      { provide: 'four', useFactory: () => disposable('four') },
    ];
    await expect(make(...providers)).rejects.toBe(failure);
    expect(disposed).toEqual(['two', 'one']);
  });

  test('a service of scope run is one a run, shared within it, and knows the context', async () => {
    const desk = new Desk();
    const app = await stage().app({
      tasks: [Using],
      providers: [
        { provide: URL_TOKEN, useValue: 'db:' },
        Pool,
        Repository,
        Desk.provide(desk),
        { provide: PerRun, useClass: PerRun, scope: 'run' },
      ],
    });
    for (const id of ['a', 'b']) await (await app.client.start(Using, {}, { id })).result({ timeout: '5s' });
    const [repositoryA, perRunA, sharedA, ownA, repositoryB, perRunB, sharedB, ownB] = desk.notes;
    expect(repositoryA).toBe(app.get(Repository));
    expect(repositoryB).toBe(repositoryA);
    expect(perRunB).not.toBe(perRunA);
    expect([sharedA, ownA, sharedB, ownB]).toEqual([true, true, true, true]);
  });

  test('are injected into listeners', async () => {
    @Injectable()
    class Listener {
      constructor(private readonly desk: Desk) {
        this.desk.notes.push('made');
      }

      @OnEvent('*')
      onAny(): void {}
    }
    const desk = new Desk();
    await stage().make({ listeners: [Listener], providers: [Desk.provide(desk)] });
    expect(desk.notes).toEqual(['made']);
  });
});

describe('tokens of the framework', () => {
  async function make(...providers: Provider[]) {
    const options: AppOptions = { logger: false, providers };
    return createApp(options);
  }

  test('the whole backend can be replaced', async () => {
    const { store, reader, events } = await makeMemoryBackend();
    const app = await make(
      { provide: TASK_STORE, useFactory: async () => store },
      { provide: TASK_READER, useValue: reader },
      { provide: EVENT_BUS, useValue: events },
    );
    const { id } = await app.client.start('any', { n: 1 });
    expect(await reader.get([id])).toEqual([expect.objectContaining({ name: 'any', data: '{"n":1}' })]);
    await app.close();
  });

  test.each([[[TASK_STORE]], [[TASK_READER]], [[TASK_STORE, EVENT_BUS]]])(
    'a part of the backend alone is refused (%p)',
    async (tokens) => {
      const { store } = await makeMemoryBackend();
      const providers = tokens.map((token) => ({ provide: token, useValue: store }) as Provider);
      await expect(make(...providers)).rejects.toBeInstanceOf(ConfigurationError);
    },
  );

  test('the clock can be replaced: the store of the app goes by it', async () => {
    const clock = new ManualClock(1_000_000);
    const app = await make({ provide: CLOCK, useValue: clock });
    const { id } = await app.client.start('any');
    expect(await app.client.get(id)).toMatchObject({ createdMs: 1_000_000 });
    await app.close();
  });

  test('the logger can be replaced, also by a class', async () => {
    const lines: string[] = [];
    class Collecting implements Logger {
      readonly debug = silentLogger.debug;
      readonly warn = silentLogger.warn;
      readonly error = silentLogger.error;

      info(_fields: object, message: string): void {
        lines.push(message);
      }
    }
    const app = await make({ provide: LOGGER, useClass: Collecting });
    expect(lines).toEqual([expect.stringContaining("in this process's memory")]);
    await app.close();
  });

  test('the source of ids can be replaced', async () => {
    let count = 0;
    const app = await make({ provide: ID_SOURCE, useValue: { next: () => `id-${++count}` } });
    expect((await app.client.start('any')).id).toMatch(/^id-\d+$/);
    await app.close();
  });
});

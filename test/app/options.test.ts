import { createApp } from '../../src/app/create-app';
import { Task } from '../../src/decorators/task';
import { ConfigurationError, DeclarationError } from '../../src/errors';
import { EVENT_BUS } from '../../src/events/event-bus';
import { TASK_READER } from '../../src/store/task-reader';
import { TASK_STORE } from '../../src/store/task-store';
import { makeMemoryBackend } from '../support/memory-backend';
import { Stage } from './stage';

@Task('idle')
class Idle {
  start(): void {}
}

/** Built without knowledge of what its constructor takes. */
class NotInjectable {
  constructor(readonly needed: Idle) {}

  use(): void {}
  handle(): void {}
}

/** What is wrong with the options; undefined where nothing is. */
async function refusal(options: object): Promise<Error | undefined> {
  try {
    const app = await createApp({ logger: false, ...options } as never);
    await app.close();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

describe('createApp', () => {
  test.each<[options: object, told: string]>([
    [{ taks: [] }, 'did you mean "tasks"'],
    [{ Redis: 'x' }, 'did you mean "redis"'],
    [{ foo: 1 }, 'known are: tasks, redis'],
    [{ worker: { concurency: 1 } }, 'worker: unknown option "concurency", did you mean "concurrency"'],
    [{ worker: { heartbeat: 1 } }, 'heartbeat'],
    [{ monitor: { intervall: 1 } }, 'monitor: unknown option "intervall", did you mean "interval"'],
    [{ monitor: { port: 9464 } }, 'monitor: unknown option "port", which is an option of monitoring: give it there.'],
    [{ cleanup: { retain: 1 } }, 'cleanup: unknown option "retain"'],
    [{ cleanup: { retention: { sucess: 1 } } }, 'did you mean "success"'],
    [{ taskLog: { line: 5 } }, 'taskLog: unknown option "line", did you mean "lines"'],
    [{ names: { prefix: 'x-' } }, 'names: unknown option "prefix"'],
    [{ names: { taskset: 'x' } }, 'did you mean "taskSet"'],
  ])('refuses the unknown in %j and names the nearest', async (options, told) => {
    const error = await refusal(options);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error?.message).toContain(told);
  });

  test.each<[options: object, option: string]>([
    [{ taskTimeout: 'soon' }, 'taskTimeout'],
    [{ taskTimeout: '' }, 'taskTimeout'],
    [{ taskTimeout: 0 }, 'taskTimeout'],
    [{ taskTimeout: -1 }, 'taskTimeout'],
    [{ taskTimeout: Number.NaN }, 'taskTimeout'],
    [{ taskTimeout: 'x'.repeat(200) }, 'taskTimeout'],
    [{ worker: { heartbeatInterval: 0 } }, 'worker.heartbeatInterval'],
    [{ worker: { unknownTaskTimeout: '-1m' } }, 'worker.unknownTaskTimeout'],
    [{ worker: { stopTimeout: {} } }, 'worker.stopTimeout'],
    [{ worker: { grace: true } }, 'worker.grace'],
    [{ worker: { concurrency: 0 } }, 'worker.concurrency'],
    [{ worker: { concurrency: 1.5 } }, 'worker.concurrency'],
    [{ worker: { concurrency: '5' } }, 'worker.concurrency'],
    [{ worker: { queues: 'mail' } }, 'worker.queues'],
    [{ worker: { queues: [] } }, 'worker.queues'],
    [{ worker: { queues: {} } }, 'worker.queues'],
    [{ worker: { queues: [''] } }, 'worker.queues'],
    [{ worker: { queues: ['a b'] } }, '"a b"'],
    [{ worker: { queues: ['x'.repeat(101)] } }, 'worker.queues'],
    [{ worker: { queues: ['delayed'] } }, 'take another one'],
    [{ worker: { queues: [5] } }, 'worker.queues'],
    [{ worker: { queues: ['mail', 'mail'] } }, 'twice'],
    [{ worker: { queues: { mail: 3 } } }, 'worker.queues.mail'],
    [{ worker: { queues: { mail: { wieght: 3 } } } }, 'did you mean "weight"'],
    [{ worker: { queues: { mail: { weight: 0 } } } }, 'worker.queues.mail.weight'],
    [{ worker: { queues: { mail: { weight: '2' } } } }, 'worker.queues.mail.weight'],
    [{ worker: { queues: { mail: { weight: Number.POSITIVE_INFINITY } } } }, 'worker.queues.mail.weight'],
    [{ worker: { queues: { mail: { weight: 1 }, default: {} } } }, 'give all of them one'],
    [{ worker: { queues: { mail: { concurrency: 0 } } } }, 'worker.queues.mail.concurrency'],
    [{ worker: { queues: { mail: { concurrency: 1.5 } } } }, 'worker.queues.mail.concurrency'],
    [{ monitor: { interval: 0 } }, 'monitor.interval'],
    [{ cleanup: { interval: '1 fortnight' } }, 'cleanup.interval'],
    [{ cleanup: { retention: 'for ever' } }, 'cleanup.retention'],
    [{ cleanup: { retention: { failure: -5 } } }, 'cleanup.retention.failure'],
    [{ cleanup: { retention: null } }, 'cleanup.retention'],
    [{ cleanup: { handler: 'x' } }, 'cleanup.handler'],
    [{ names: { taskSet: '' } }, 'names.taskSet'],
    [{ names: { newQueue: 'same', endQueue: 'same' } }, 'names.newQueue'],
    [{ names: { newQueue: 'new', taskPrefix: 'new:task-' } }, 'names.taskPrefix'],
    [{ tasks: Idle }, 'tasks'],
    [{ listeners: {} }, 'listeners'],
    [{ middleware: () => {} }, 'middleware'],
    [{ middleware: ['x'] }, 'middleware'],
    [{ providers: 'x' }, 'providers'],
    [{ providers: [{ provide: 'x' }] }, 'providers'],
    [{ providers: [null] }, 'providers'],
    [{ onException: 'log' }, 'onException'],
    [{ tracing: 'yes' }, 'tracing is "yes"'],
    [{ tracing: null }, 'tracing is null'],
    [{ logger: {} }, 'logger'],
    [{ logger: null }, 'logger'],
    [{ logger: true }, 'logger'],
    [{ logger: 'verbose' }, 'logger is "verbose": give one of debug, info, warn, error'],
    [{ logger: 'INFO' }, 'logger is "INFO"'],
    [{ taskLog: true }, 'taskLog'],
    [{ taskLog: null }, 'taskLog'],
    [{ taskLog: { lines: 0 } }, 'taskLog.lines is 0: give a whole number from 1 to 5000'],
    [{ taskLog: { lines: 5_001 } }, 'taskLog.lines'],
    [{ taskLog: { lines: '5' } }, 'taskLog.lines'],
    [{ taskLog: { level: 'trace' } }, 'taskLog.level is "trace"'],
    [{ taskLog: { level: 30 } }, 'taskLog.level is 30'],
    [{ worker: true }, 'worker'],
    [{ monitor: true }, 'monitor'],
    [{ cleanup: [] }, 'cleanup'],
    [{ store: 'redis' }, 'store'],
    [{ redis: 'redis://localhost', store: 'memory' }, 'store'],
  ])('refuses %j with a ConfigurationError that names the option', async (options, option) => {
    const error = await refusal({ tasks: [Idle], ...options });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error?.message).toContain(option);
  });

  test('refuses a level of the environment that is none, where it counts, and names the variable', async () => {
    process.env.TASKWARDEN_LOG_LEVEL = 'loud';
    try {
      const error = await refusal({ logger: undefined });
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error?.message).toBe('TASKWARDEN_LOG_LEVEL is "loud": give one of debug, info, warn, error.');
      expect(await refusal({ logger: false })).toBeUndefined();
    } finally {
      delete process.env.TASKWARDEN_LOG_LEVEL;
    }
  });

  test('refuses a heartbeat that is not shorter than the timeout, and tells both', async () => {
    const error = await refusal({ taskTimeout: '5s', worker: { heartbeatInterval: '5s' } });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error?.message).toMatch(/heartbeatInterval.*5000.*taskTimeout.*5000/s);
    expect(await refusal({ taskTimeout: '5s', worker: { heartbeatInterval: 4_999 } })).toBeUndefined();
  });

  test.each(['a', 'A.b_c-9', '.', '..', '-', 'x'.repeat(100), '__proto__', 'constructor', '0'])(
    'takes %j for the name of a queue',
    async (name) => {
      expect(await refusal({ tasks: [Idle], worker: { queues: [name, 'default'] } })).toBeUndefined();
    },
  );

  test('fits the heartbeat to a short timeout by itself', async () => {
    expect(await refusal({ tasks: [Idle], taskTimeout: 100 })).toBeUndefined();
  });

  test('refuses a null instead of options', async () => {
    await expect(createApp(null as never)).rejects.toBeInstanceOf(ConfigurationError);
  });

  test('refuses two tasks of one name, and a class given twice', async () => {
    @Task('idle')
    class Double {
      start(): void {}
    }
    expect((await refusal({ tasks: [Idle, Double] }))?.message).toMatch(/"idle".*Idle.*Double/);
    expect(await refusal({ tasks: [Idle, Idle] })).toBeInstanceOf(ConfigurationError);
  });

  test.each([undefined, {}, class {}])('refuses %p among the tasks', async (task) => {
    expect(await refusal({ tasks: [task] })).toBeInstanceOf(DeclarationError);
  });

  test.each<[what: string, options: object]>([
    ['a cleanup handler', { cleanup: { handler: NotInjectable } }],
    ['a middleware class', { middleware: [NotInjectable] }],
    ['a provider', { providers: [NotInjectable] }],
  ])('refuses %s whose constructor cannot be injected, and says why', async (_what, options) => {
    const error = await refusal({ tasks: [Idle], ...options });
    expect(error).toBeInstanceOf(DeclarationError);
    expect(error?.message).toContain('NotInjectable');
  });
});

describe('createApp in production', () => {
  const { NODE_ENV } = process.env;

  beforeEach(() => {
    process.env.NODE_ENV = 'production';
  });

  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV;
  });

  test('refuses to fall back to the embedded store', async () => {
    const error = await refusal({ tasks: [Idle] });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error?.message).toContain("store: 'memory'");
    expect(await refusal({ redis: undefined })).toBeInstanceOf(ConfigurationError);
  });

  test('takes the embedded store where it is asked for by name', async () => {
    expect(await refusal({ tasks: [Idle], store: 'memory' })).toBeUndefined();
  });

  test('takes a backend that is provided by its tokens', async () => {
    const { store, reader, events } = await makeMemoryBackend();
    const providers = [
      { provide: TASK_STORE, useValue: store },
      { provide: TASK_READER, useValue: reader },
      { provide: EVENT_BUS, useValue: events },
    ];
    expect(await refusal({ providers })).toBeUndefined();
  });
});

describe('durations longer than a timer of Node can hold', () => {
  const stage = Stage.use();

  test('do not end at once', async () => {
    const app = await stage().app({ tasks: [Idle], cleanup: { interval: '30d' }, monitor: { interval: '30d' } });
    const store = stage().backend.store;
    const calls = jest.spyOn(store, 'takeEnded');
    for (let n = 0; n < 20; n++) await (await app.client.start(Idle)).result();
    const { length } = calls.mock.calls;
    calls.mockRestore();
    expect(length).toBeLessThan(3);
  });
});

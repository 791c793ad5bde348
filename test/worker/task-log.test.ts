import { IsInt } from 'class-validator';
import { createApp } from '../../src/app/create-app';
import type { Provider } from '../../src/app/provider';
import { Inject } from '../../src/decorators/injection';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { StoreRefusedError } from '../../src/errors';
import { EVENT_BUS } from '../../src/events/event-bus';
import { createLogger, LOGGER, type Logger } from '../../src/logger';
import { TASK_READER } from '../../src/store/task-reader';
import { TASK_STORE, type TaskStore } from '../../src/store/task-store';
import { TaskContext } from '../../src/task/task-context';
import { faultyStore } from '../../src/testing/faulty-store';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

class TalkInput {
  @IsInt() lines!: number;
}

@Task('talk')
class Talk {
  start(@Input(TalkInput) { lines }: TalkInput, task: TaskContext): void {
    for (let n = 0; n < lines; n++) task.log.info({ n }, `line ${n}`);
  }
}

@Task('levels')
class Levels {
  async start(task: TaskContext): Promise<void> {
    task.log.debug({}, 'little');
    task.log.info({ url: 'http://localhost/' }, 'some');
    task.log.warn({}, 'more');
    task.log.error({ err: new Error('broken') }, 'most');
  }
}

@Task('failing', { retry: { attempts: 2, delay: 0 } })
class Failing {
  async start(task: TaskContext): Promise<void> {
    task.log.info({}, `attempt ${task.attempt}`);
    if (task.attempt < 2) throw new Error('not yet');
  }
}

@Task('injected')
class Injected {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  start(task: TaskContext): boolean {
    this.logger.info({}, 'by the injected one');
    return this.logger === task.log;
  }
}

@Task('silent')
class Silent {
  start(): void {}
}

const TASKS = [Talk, Levels, Failing, Injected, Silent];

describe.each(PLACES)('what a task logs, on %s', (place) => {
  const stage = Stage.use(place);

  function backendWith(store: TaskStore): Provider[] {
    const { reader, events } = stage().backend;
    return [
      { provide: TASK_STORE, useValue: store },
      { provide: TASK_READER, useValue: reader },
      { provide: EVENT_BUS, useValue: events },
    ];
  }

  test('goes to the log of the app, and is told by the handle, the oldest line first', async () => {
    const app = await stage().app({ tasks: TASKS });
    const handle = await app.client.start(Levels);
    await handle.result({ timeout: '5s' });
    const own = { task: 'levels', taskId: handle.id, attempt: 1 };
    expect(stage().logs).toContainEqual({ level: 'debug', fields: own, message: 'little' });
    expect(stage().logs).toContainEqual({
      level: 'info',
      fields: { ...own, url: 'http://localhost/' },
      message: 'some',
    });
    const lines = await handle.log();
    expect(lines).toEqual([
      { timeMs: expect.any(Number), level: 'info', message: 'some', attempt: 1, fields: { url: 'http://localhost/' } },
      { timeMs: expect.any(Number), level: 'warn', message: 'more', attempt: 1, fields: {} },
      {
        timeMs: expect.any(Number),
        level: 'error',
        message: 'most',
        attempt: 1,
        fields: { err: expect.objectContaining({ message: 'broken' }) },
      },
    ]);
    expect(await app.client.log(handle.id)).toEqual(lines);
    expect(await handle.log({ limit: 1 })).toEqual(lines.slice(-1));
  });

  test('is kept from the level on that is asked for, and as many lines', async () => {
    const app = await stage().app({ tasks: TASKS, logger: false, taskLog: { lines: 2, level: 'debug' } });
    const handle = await app.client.start(Talk, { lines: 1_000 });
    await handle.result({ timeout: '5s' });
    expect((await handle.log()).map(({ message }) => message)).toEqual(['line 998', 'line 999']);
    const levels = await app.client.start(Levels);
    await levels.result({ timeout: '5s' });
    expect((await levels.log()).map(({ level }) => level)).toEqual(['warn', 'error']);
  });

  test('is kept nowhere where that is switched off', async () => {
    const app = await stage().app({ tasks: TASKS, taskLog: false });
    const handle = await app.client.start(Talk, { lines: 2 });
    await handle.result({ timeout: '5s' });
    expect(await handle.log()).toEqual([]);
    expect(stage().logs).toContainEqual(expect.objectContaining({ message: 'line 1' }));
    expect(await stage().hash(handle.id)).not.toHaveProperty('logged');
  });

  test('tells of each line which attempt it was', async () => {
    const app = await stage().app({ tasks: TASKS });
    const handle = await app.client.start(Failing);
    await handle.result({ timeout: '5s' });
    const told = (await handle.log()).map(({ attempt, message }) => [attempt, message]);
    expect(told).toEqual([
      [1, 'attempt 1'],
      [2, 'attempt 2'],
    ]);
  });

  test('with an injected logger is the same: the task and its context have one', async () => {
    const app = await stage().app({ tasks: TASKS });
    const handle = await app.client.start(Injected);
    expect(await handle.result({ timeout: '5s' })).toBe(true);
    expect(await handle.log()).toMatchObject([{ message: 'by the injected one', attempt: 1 }]);
  });

  test('is kept of a local task, and goes with it', async () => {
    const app = await stage().app({ tasks: TASKS, worker: { grace: 0 } });
    const id = await app.startLocal(Talk, { lines: 1 });
    await eventually(async () => expect(await app.client.log(id)).toHaveLength(1));
  });

  test('leaves no trace where it is nothing', async () => {
    const app = await stage().app({ tasks: TASKS });
    const handle = await app.client.start(Silent);
    await handle.result({ timeout: '5s' });
    expect(await handle.log()).toEqual([]);
    expect(await stage().hash(handle.id)).not.toHaveProperty('logged');
  });

  test('that the store does not take is lost there, is told once, and no run fails of it', async () => {
    const { store } = stage().backend;
    let isAway = true;
    const broken = faultyStore(store, {
      onCall: ({ verb, side }) => (isAway && verb === 'appendLog' && side === 'before' ? { kind: 'drop' } : undefined),
    });
    const app = await stage().app({ tasks: TASKS, providers: backendWith(broken) });
    for (let n = 0; n < 3; n++) {
      const lost = await app.client.start(Talk, { lines: 3 });
      await lost.result({ timeout: '5s' });
      expect(await lost.log()).toEqual([]);
    }
    const told = () => stage().logs.filter(({ message }) => message.startsWith('What tasks log'));
    expect(told()).toMatchObject([{ level: 'warn' }]);
    isAway = false;
    const kept = await app.client.start(Talk, { lines: 1 });
    await kept.result({ timeout: '5s' });
    expect(await kept.log()).toHaveLength(1);
    await eventually(() => expect(told()).toMatchObject([{ level: 'warn' }, { level: 'info' }]));
  });

  test('is lost there where the user of Redis has no right to write it', async () => {
    const { store } = stage().backend;
    const appendLog = async () => {
      throw new StoreRefusedError('no right');
    };
    const refusing = new Proxy(store, {
      get: (from, verb) => (verb === 'appendLog' ? appendLog : from[verb as never]),
    });
    const app = await stage().app({ tasks: TASKS, providers: backendWith(refusing) });
    await (await app.client.start(Talk, { lines: 1 })).result({ timeout: '5s' });
    await stage().untilLogged('cannot be kept in their own logs');
  });

  test.each([0, 1.5, -1, Number.NaN, '5', null])('is not told for a limit of %p', async (limit) => {
    const app = await stage().make({ worker: false });
    const reading = app.client.log('a', { limit: limit as number });
    await expect(reading).rejects.toThrow('give a whole number of lines, 1 or more');
    await expect(app.client.log('a', { limt: 1 } as never)).rejects.toThrow('did you mean "limit"');
    await expect(app.client.log('a{b')).rejects.toMatchObject({ code: 'TASK_ID_INVALID' });
  });
});

@Task('mute')
class Mute {
  start(task: TaskContext): string {
    const fields = {
      get a(): never {
        throw new Error('no reading');
      },
    };
    task.log.info(fields, 'unreadable');
    task.log.info('a message alone' as never, undefined as never);
    return 'done';
  }
}

test('what cannot be read fails no run, and a message alone is one', async () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => lines.push(line) });
  const app = await createApp({ tasks: [Mute], store: 'memory', logger });
  await app.start();
  const handle = await app.client.start(Mute);
  expect(await handle.result({ timeout: '5s' })).toBe('done');
  expect(await handle.log()).toMatchObject([
    { message: 'unreadable', fields: { unreadable: 'Error: no reading' } },
    { message: 'a message alone', fields: {} },
  ]);
  await app.close();
  expect(lines.join('')).toContain('"unreadable":"fields that cannot be read","msg":"unreadable"');
});

describe('what a task logs, on Redis', () => {
  const stage = Stage.use('redis');

  test('stays for as long as the ended task does', async () => {
    const app = await stage().app({ tasks: TASKS, cleanup: { interval: 20, retention: '1h' } });
    const { id } = await app.client.start(Talk, { lines: 1 });
    const { keys } = stage().backend;
    await eventually(async () => expect(await stage().ttlMs(keys.task(id))).toBeGreaterThan(0));
    await eventually(async () => expect(await stage().ttlMs(keys.log(id))).toBeLessThanOrEqual(3_600_000));
    expect(await stage().ttlMs(keys.log(id))).toBeGreaterThan(3_500_000);
  });
});

import { Task } from '../../src/decorators/task';
import { StoreUnavailableError, TaskError } from '../../src/errors';
import type { BegunRun, EnqueuedTasks, OverRun, TaskObserver } from '../../src/observing/task-observer';
import type { ReapReport } from '../../src/store/supervisor-store';
import type { TaskStore } from '../../src/store/task-store';
import { Desk, Staying, Stubborn } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

@Task('quick')
class Quick {
  start(): string {
    return 'done';
  }
}

@Task('failing')
class Failing {
  start(): never {
    throw new TaskError('expected');
  }
}

@Task('throwing')
class Throwing {
  start(): never {
    throw new Error('unexpected');
  }
}

let calls = 0;

@Task('second-try', { retry: { attempts: 2, delay: 0 } })
class SecondTry {
  start(): void {
    calls += 1;
    if (calls % 2 === 1) throw new Error('not yet');
  }
}

@Task('slow', { timeout: 20 })
class Slow {
  constructor(private readonly desk: Desk) {}

  start(): Promise<unknown> {
    return this.desk.gate('slow').passed;
  }
}

/** Notes what it is told. */
class Notes implements TaskObserver {
  readonly started: EnqueuedTasks[] = [];
  readonly begun: BegunRun[] = [];
  readonly over: OverRun[] = [];
  readonly reports: ReapReport[] = [];

  enqueued(tasks: EnqueuedTasks): void {
    this.started.push(tasks);
  }

  runBegan(run: BegunRun): void {
    this.begun.push(run);
  }

  runOver(run: OverRun): void {
    this.over.push(run);
  }

  reaped(report: ReapReport): void {
    this.reports.push(report);
  }

  async untilOver(count: number): Promise<readonly OverRun[]> {
    return eventually(() => {
      expect(this.over).toHaveLength(count);
      return this.over;
    });
  }
}

describe.each(PLACES)('an observer, on %s', (place) => {
  const stage = Stage.use(place);
  const tasks = [Quick, Failing, Throwing, SecondTry, Slow, Staying, Stubborn];

  async function observed(options: Parameters<Stage['app']>[0] = {}) {
    const notes = new Notes();
    const desk = new Desk();
    const app = await stage().app({ tasks, observers: [notes], providers: [Desk.provide(desk)], ...options });
    return { notes, desk, app };
  }

  test('is told that a run has begun and how it was over', async () => {
    const { notes, app } = await observed();
    const { id } = await app.client.start(Quick);
    const begun = {
      taskId: id,
      taskName: 'quick',
      queue: 'default',
      local: false,
      attempt: 1,
      waitedMs: expect.any(Number),
    };
    const over = { ...begun, outcome: 'success', durationMs: expect.any(Number), timedOut: false };
    expect(await notes.untilOver(1)).toEqual([over]);
    expect(notes.begun).toEqual([begun]);
  });

  test.each([
    [Failing, ['error']],
    [Throwing, ['exception']],
    [SecondTry, ['retried', 'success']],
  ])('is told of the outcome of %p', async (task, outcomes) => {
    const { notes, app } = await observed();
    await app.client.start(task as typeof Quick);
    const over = await notes.untilOver(outcomes.length);
    expect(over.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(over.map(({ attempt }) => attempt)).toEqual(outcomes.map((_, position) => position + 1));
  });

  test('is told that the time of a run was over, and how long it ran until then', async () => {
    const { notes, desk, app } = await observed();
    await app.client.start(Slow);
    const [over] = await notes.untilOver(1);
    expect(over).toMatchObject({ outcome: 'exception', timedOut: true });
    expect(over?.durationMs).toBeGreaterThanOrEqual(19);
    desk.gate('slow').open(undefined);
  });

  test('is told of a name that no class here has', async () => {
    const { notes, app } = await observed({ worker: { unknownTaskTimeout: 0 } });
    await app.client.start('stranger');
    expect(await notes.untilOver(1)).toMatchObject([{ taskName: 'stranger', outcome: 'exception' }]);
  });

  test('is told that a run was stopped', async () => {
    const { notes, desk, app } = await observed();
    const { id } = await app.client.start(Staying);
    await desk.untilBegan(id);
    await app.client.stop(id);
    expect(await notes.untilOver(1)).toMatchObject([{ outcome: 'stopped' }]);
  });

  test('is told of a reload before the next run', async () => {
    const { notes, desk, app } = await observed();
    const { id } = await app.client.start(Staying);
    await desk.untilBegan(id);
    await app.client.reload(id);
    await desk.untilBegan(id, 2);
    expect(notes.over).toMatchObject([{ outcome: 'reloaded' }]);
    expect(notes.begun).toHaveLength(2);
    expect(notes.begun[1]?.waitedMs).toBeUndefined();
  });

  test('is told of what a worker puts back as it leaves, and of local tasks as such', async () => {
    const { notes, desk, app } = await observed();
    const { id } = await app.client.start(Staying);
    const localId = await app.startLocal(Stubborn);
    await desk.untilBegan(id);
    await desk.untilBegan(localId);
    const closing = app.close();
    await desk.untilAborted('shutting-down');
    desk.gate(localId).open(undefined);
    await closing;
    const outcomes = notes.over.map(({ taskId, local, outcome }) => [taskId, local, outcome]);
    expect(outcomes.sort()).toEqual(
      [
        [id, false, 'requeued'],
        [localId, true, 'stopped'],
      ].sort(),
    );
  });

  test('is told of a lost lease', async () => {
    const { notes, desk, app } = await observed({ worker: { heartbeatInterval: 20 } });
    const { id } = await app.client.start(Staying);
    await desk.untilBegan(id);
    await stage().setHash(id, { lease: "another's" });
    expect(await notes.untilOver(1)).toMatchObject([{ outcome: 'lost' }]);
  });

  test.each(['stop', 'reload'] as const)('is told of a %s that came too late that the lease was lost', async (verb) => {
    const { notes, desk, app } = await observed();
    const { id } = await app.client.start(Staying);
    await desk.untilBegan(id);
    await stage().setHash(id, { lease: "another's" });
    await app.client[verb](id);
    expect(await notes.untilOver(1)).toMatchObject([{ outcome: 'lost' }]);
  });

  test('is told of a run that is stopped, not put back, as its worker leaves', async () => {
    const { notes, desk, app } = await observed();
    const { id } = await app.client.start(Staying);
    await desk.untilBegan(id);
    await stage().setHash(id, { control: 'stop' });
    await app.close();
    expect(notes.over).toMatchObject([{ outcome: 'stopped' }]);
  });

  test('is told of new tasks: single ones, many, and those without their like', async () => {
    const { notes, app } = await observed({ worker: false });
    await app.client.start(Quick);
    await app.client.startMany(Quick, [{}, {}, {}] as never, { queue: 'other' });
    for (let times = 0; times < 2; times++)
      await app.client.start(Failing, undefined as never, { unique: { key: 'k' } });
    expect(notes.started).toEqual([
      { taskName: 'quick', queue: 'default', count: 1 },
      { taskName: 'quick', queue: 'other', count: 3 },
      { taskName: 'failing', queue: 'default', count: 1 },
    ]);
  });

  test('is told of the tasks of schedules', async () => {
    const { notes, app } = await observed({ scheduler: true });
    await app.client.schedules.add('often', Quick, { every: '1s' });
    await eventually(() => expect(notes.started[0]).toEqual({ taskName: 'quick', queue: 'default', count: 1 }));
  });

  test('is told what the monitor has mended', async () => {
    const { store } = stage().backend;
    const { notes } = await observed({ monitor: { interval: 20 }, taskTimeout: 100, worker: { queues: ['none'] } });
    await store.enqueue([{ id: 'a', name: 'quick', data: '{}', cleanup: true }]);
    await store.take({ worker: 'dead', limit: 1, waitMs: 0, keepMs: 50 });
    await eventually(() => expect(notes.reports[0]?.returned).toEqual(['a']));
  });

  test('that throws is logged once, told on, and harms no run', async () => {
    const broken: TaskObserver = {
      runBegan: () => {
        throw new Error('broken');
      },
      runOver: async () => {
        throw new Error('broken too');
      },
    };
    const notes = new Notes();
    const app = await stage().app({ tasks, observers: [broken, notes], providers: [Desk.provide(new Desk())] });
    for (let times = 0; times < 3; times++) {
      expect(await (await app.client.start(Quick)).result({ timeout: '5s' })).toBe('done');
    }
    await notes.untilOver(3);
    expect(stage().logs.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'An observer threw; it is told on, and what else it throws is not logged' },
    ]);
  });
});

describe('an observer of a run whose stop the store does not take', () => {
  const stage = Stage.use();

  test('is told that it was lost, once nobody tries any more', async () => {
    const notes = new Notes();
    const desk = new Desk();
    const providers = [Desk.provide(desk)];
    const app = await stage().app({ tasks: [Staying], observers: [notes], providers, worker: { stopTimeout: 20 } });
    const { id } = await app.client.start(Staying);
    await desk.untilBegan(id);
    const away = new StoreUnavailableError('away');
    const settling = jest.spyOn(stage().backend.store as TaskStore, 'settleStop').mockRejectedValue(away);
    await app.client.stop(id);
    await eventually(() => expect(settling).toHaveBeenCalled());
    expect(notes.over).toEqual([]);
    await app.close();
    expect(await notes.untilOver(1)).toMatchObject([{ outcome: 'lost' }]);
  });
});

describe('the option observers', () => {
  const stage = Stage.use();

  test.each([[{}], [Notes], [{ runEnded: () => {} }], [undefined]])('refuses %p', async (observer) => {
    await expect(stage().make({ observers: [observer as never] })).rejects.toThrow(
      'observers must list objects with one of the methods enqueued, runBegan, runOver, reaped at least.',
    );
  });
});

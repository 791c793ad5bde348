import type { App, BulkControlReport, BulkFilter, TaskClient } from '../../src';
import { Task, TaskContext, TaskError } from '../../src';
import { BulkControlError } from '../../src/bulk-errors';
import { deferred } from '../../src/deferred';
import { AppClosedError, ConfigurationError, DeclarationError } from '../../src/errors';
import { EVENT_BUS } from '../../src/events/event-bus';
import { TASK_READER } from '../../src/store/task-reader';
import { TASK_STORE } from '../../src/store/task-store';
import { type FaultPlan, faultyStore } from '../../src/testing/faulty-store';
import { PLACES, Stage } from '../app/stage';
import { newTask } from '../contract/bench';
import { eventually } from '../support/eventually';

@Task('fail')
class Fail {
  start(): void {
    throw new TaskError('no');
  }
}

@Task('endless')
class Endless {
  async start(task: TaskContext): Promise<void> {
    await new Promise((resolve) => task.signal.addEventListener('abort', resolve));
  }
}

async function idsOf(client: TaskClient, filter?: Parameters<TaskClient['list']>[0]): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of client.list(filter)) ids.push(id);
  return ids.sort();
}

const NOTHING: BulkControlReport = { looked: 0, matched: 0, done: 0, requested: 0, unchanged: 0, missing: 0 };

describe.each(PLACES)('many tasks at once, on %s', (place) => {
  const stage = Stage.use(place);
  const client = async () => (await stage().app({ tasks: [Fail, Endless], worker: false })).client;
  const enqueue = (name: string, count: number) =>
    stage().backend.store.enqueue(Array.from({ length: count }, (_, n) => newTask(`${name}-${n}`, { name })));

  /** An app whose store fails as the plan says. */
  async function appWith(plan: FaultPlan): Promise<App> {
    const { store, reader, events } = stage().backend;
    const providers = [
      { provide: TASK_STORE, useValue: faultyStore(store, plan) },
      { provide: TASK_READER, useValue: reader },
      { provide: EVENT_BUS, useValue: events },
    ];
    return stage().app({ worker: false, providers });
  }

  test('are listed with their records, by a filter', async () => {
    const { client } = await stage().app({ tasks: [Fail, Endless] });
    for (const id of ['f1', 'f2']) await client.start(Fail, undefined, { id, cleanup: false });
    await client.start(Endless, undefined, { id: 'e1' });
    await client.start('foreign', undefined, { id: 'w1', delay: '1h', queue: 'mail' });
    for (const id of ['f1', 'f2']) await stage().untilState(id, 'ERROR');
    await stage().untilState('e1', 'RUNNING');
    expect(await idsOf(client)).toEqual(['e1', 'f1', 'f2', 'w1']);
    expect(await idsOf(client, { task: [Endless, 'foreign'] })).toEqual(['e1', 'w1']);
    expect(await idsOf(client, { state: ['ERROR', 'EXCEPTION'], youngerThan: '1h' })).toEqual(['f1', 'f2']);
    expect(await idsOf(client, { state: 'ERROR', olderThan: '1h' })).toEqual([]);
    expect(await idsOf(client, { queue: ['mail', 'unused'] })).toEqual(['w1']);
    expect(await client.count()).toBe(4);
    expect(await client.count({ queue: 'default', state: 'ERROR' })).toBe(2);
    for await (const record of client.list({ task: 'foreign' })) {
      expect(record).toMatchObject({ id: 'w1', state: 'WAIT', name: 'foreign', dueMs: expect.any(Number) });
    }
  });

  test('are counted by a filter', async () => {
    const api = await client();
    await enqueue('mow', 120);
    await enqueue('sow', 3);
    expect(await api.count()).toBe(123);
    expect(await api.count({ task: 'mow', state: 'WAIT' })).toBe(120);
    expect(await api.count({ state: 'ERROR' })).toBe(0);
    await expect(api.count({ state: 'Error' } as never)).rejects.toThrow('did you mean "ERROR"?');
  });

  test('are stopped, restarted and removed, and the report says what became of them', async () => {
    const { client } = await stage().app({ tasks: [Fail, Endless] });
    for (const id of ['e1', 'e2']) await client.start(Endless, undefined, { id });
    for (const id of ['e1', 'e2']) await stage().untilState(id, 'RUNNING');
    await enqueue('unknown', 3);
    await client.start(Fail, undefined, { id: 'f1', cleanup: false });
    await stage().untilState('f1', 'ERROR');
    expect(await client.stopMany({ task: [Endless, Fail] })).toEqual({
      ...NOTHING,
      looked: 6,
      matched: 3,
      requested: 2,
      unchanged: 1,
    });
    for (const id of ['e1', 'e2']) await stage().untilState(id, 'STOPPED');
    expect(await client.restartMany({ state: 'STOPPED' })).toMatchObject({ matched: 2, done: 2 });
    for (const id of ['e1', 'e2']) await stage().untilState(id, 'RUNNING');
    expect(await client.removeMany({ all: true })).toMatchObject({ matched: 6, done: 4, requested: 2 });
    await eventually(async () => expect(await idsOf(client)).toEqual([]));
  });

  test('but those that left the states of the filter meanwhile are not touched', async () => {
    await enqueue('waits', 3);
    const { backend } = stage();
    const slots = new Map([['waits', 1]]);
    const change = async () => {
      const { ids } = await backend.store.take({ worker: 'w', limit: 3, waitMs: 0, keepMs: 60_000 });
      const request = { worker: 'w', slots, runHere: new Set<string>(), leaseMs: 60_000, unknownTaskTimeoutMs: 0 };
      await backend.store.open({ ...request, ids: ids.slice(0, 1) });
      await backend.store.remove('waits-1');
    };
    const changed = deferred();
    const { client } = await appWith({
      onCall: ({ verb, side, nth }) => {
        if (verb !== 'remove' || side !== 'before') return undefined;
        if (nth === 3) void change().then(() => changed.resolve());
        return { kind: 'hold', until: changed.promise };
      },
    });
    const report = await client.removeMany({ state: 'WAIT' });
    expect(report).toEqual({ ...NOTHING, looked: 3, matched: 3, done: 1, unchanged: 1, missing: 1 });
    expect(await stage().record('waits-0')).toMatchObject({ state: 'RUNNING' });
  });

  test('progress is told after each step, and is awaited', async () => {
    await enqueue('a', 2_500);
    const told: BulkControlReport[] = [];
    let under = 0;
    const report = await (await client()).removeMany(
      { task: 'a' },
      {
        onProgress: async (progress) => {
          expect(++under).toBe(1);
          told.push(progress);
          await Promise.resolve();
          under -= 1;
        },
      },
    );
    expect(report).toEqual({ ...NOTHING, looked: 2_500, matched: 2_500, done: 2_500 });
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)).toEqual(report);
    expect(told[0]?.done).toBeLessThan(2_500);
  });

  test('a signal ends it between two tasks, and the error says how far it came', async () => {
    await enqueue('a', 2_500);
    const ending = new AbortController();
    const reason = new Error('enough');
    const call = (await client()).removeMany(
      { all: true },
      { signal: ending.signal, onProgress: () => ending.abort(reason) },
    );
    const error: BulkControlError = await call.then(
      () => undefined as never,
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(BulkControlError);
    expect(error).toMatchObject({ code: 'BULK_CONTROL_ENDED_EARLY', cause: reason });
    expect(error.message).toMatch(/^removeMany ended early \(enough\): looked \d+, matched \d+, done \d+/);
    expect(error.report.done).toBeGreaterThan(0);
    expect(await idsOf(await client())).toHaveLength(2_500 - error.report.done);
  });

  test('one that is aborted already touches nothing', async () => {
    await enqueue('a', 1);
    const call = (await client()).stopMany({ all: true }, { signal: AbortSignal.abort('no') });
    await expect(call).rejects.toMatchObject({ report: NOTHING, cause: 'no' });
    expect(await stage().record('a-0')).toMatchObject({ state: 'WAIT' });
  });

  test('a store that goes away, or what onProgress throws, ends it in the same way', async () => {
    await enqueue('a', 10);
    const { client } = await appWith({
      onCall: ({ verb, nth }) => (verb === 'requestStop' && nth === 5 ? { kind: 'drop' } : undefined),
    });
    const away = await client.stopMany({ all: true }).catch((error: unknown) => error);
    expect(away).toMatchObject({ report: { matched: expect.any(Number) }, cause: { code: 'STORE_UNAVAILABLE' } });
    const cause = new Error('the bar broke');
    const onProgress = () => Promise.reject(cause);
    await expect(client.stopMany({ all: true }, { onProgress })).rejects.toMatchObject({ cause });
  });

  test('the close of the app ends it', async () => {
    await enqueue('a', 10);
    const app = await stage().app({ worker: false });
    const reached = deferred();
    const closed = deferred();
    const call = app.client.stopMany(
      { all: true },
      {
        onProgress: () => {
          reached.resolve();
          return closed.promise;
        },
      },
    );
    await reached.promise;
    await app.close();
    closed.resolve();
    await expect(call).rejects.toMatchObject({ report: { missing: 0 }, cause: expect.any(AppClosedError) });
    await expect(app.client.stopMany({ all: true })).rejects.toThrow(AppClosedError);
  });

  test('the supervision of the workers is left alone', async () => {
    const app = await stage().app({ tasks: [Fail], monitor: {}, cleanup: {} });
    const locals = async () => (await idsOf(app.client, { local: true })).length;
    await eventually(async () => expect(await locals()).toBe(2));
    expect(await app.client.stopMany({ all: true })).toMatchObject({ matched: 0 });
    expect(await idsOf(app.client, { state: 'RUNNING' })).toEqual([]);
  });
});

describe('a filter', () => {
  const REFUSED: readonly (readonly [filter: unknown, message: RegExp])[] = [
    [{ stat: 'ERROR' }, /no property "stat", did you mean "state"\?/],
    [{ constructor: 1 }, /no property "constructor"/],
    [{ state: 'EROR' }, /There is no state "EROR": did you mean "ERROR"\?/],
    [{ state: ['ERROR', 7] }, /There is no state "7"/],
    [{ state: [] }, /state is an empty list, which no task matches/],
    [{ state: undefined }, /state is undefined: give a value, or leave it out/],
    [{ task: '' }, /task is "": give a task class, or the name of one/],
    [{ task: null }, /task is null: give a task class/],
    [{ queue: 'a b' }, /queue of the filter is "a b"; the name of a queue has/],
    [{ olderThan: 'yesterday' }, /olderThan is "yesterday": give milliseconds/],
    [{ youngerThan: -1 }, /youngerThan is -1/],
    [{ local: 'yes' }, /local is yes: give true/],
    ['ERROR', /The filter is ERROR: give an object/],
    [['ERROR'], /The filter is ERROR: give an object/],
  ];
  const stage = Stage.use();
  const client = async () => (await stage().app({ worker: false })).client;

  test.each(REFUSED)('of %j is refused, by list and by bulk control', async (filter, message) => {
    const { list, removeMany } = untyped(await client());
    expect(() => list(filter)).toThrow(ConfigurationError);
    expect(() => list(filter)).toThrow(message);
    await expect(removeMany(filter)).rejects.toThrow(message);
  });

  test('that is empty is refused where tasks are changed', async () => {
    const { removeMany } = untyped(await client());
    for (const filter of [{}, undefined, null]) {
      await expect(removeMany(filter)).rejects.toThrow(ConfigurationError);
    }
    await expect(removeMany({})).rejects.toThrow(/The filter is empty: give \{ all: true \}/);
    await expect(removeMany({ all: false })).rejects.toThrow(/all is false: give true/);
    await expect(removeMany({ all: true, state: 'ERROR' })).rejects.toThrow(/all beside state: give one or the other/);
  });

  test('with a class that is no task class is refused', async () => {
    const { list } = untyped(await client());
    expect(() => list({ task: class Plain {} })).toThrow(DeclarationError);
  });
});

/** The calls, without the types that refuse what is tried. */
function untyped(client: TaskClient) {
  return {
    list: (filter: unknown) => client.list(filter as object),
    removeMany: (filter: unknown) => client.removeMany(filter as BulkFilter),
  };
}

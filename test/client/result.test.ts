import type { App } from '../../src/app/app';
import { Inject } from '../../src/decorators/injection';
import { Task } from '../../src/decorators/task';
import { ResultTimeoutError, TaskError, TaskFailedError, TaskNotFoundError, TaskStoppedError } from '../../src/errors';
import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

const CODE = Symbol('what the task does');

@Task('act')
class Act {
  constructor(@Inject(CODE) private readonly code: () => unknown) {}

  start(): unknown {
    return this.code();
  }
}

const ENDS: readonly (readonly [end: string, code: () => unknown, outcome: unknown])[] = [
  ['a value', () => ({ n: [1] }), { n: [1] }],
  ['nothing', () => undefined, null],
  [
    'a TaskError',
    () => {
      throw new TaskError('gone');
    },
    { state: 'ERROR', output: 'gone', taskId: 'a' },
  ],
  [
    'an error',
    () => {
      throw new Error('boom');
    },
    { state: 'EXCEPTION', output: expect.stringContaining('boom'), taskId: 'a' },
  ],
];

describe.each(PLACES)('the result of a task, on %s', (place) => {
  const stage = Stage.use(place);

  function work(code: () => unknown, options = {}): Promise<App> {
    return stage().app({ tasks: [Act, Staying], providers: [{ provide: CODE, useValue: code }], ...options });
  }

  function outcomeOf(result: Promise<unknown>): Promise<unknown> {
    return result.catch((error: unknown) => {
      expect(error).toBeInstanceOf(TaskFailedError);
      return error;
    });
  }

  test.each(ENDS)('that ends with %s, awaited before it runs', async (_end, code, expected) => {
    const { client } = await stage().app();
    const result = outcomeOf((await client.start(Act, {}, { id: 'a' })).result({ timeout: '10s' }));
    await work(code);
    const outcome = await result;
    if (outcome instanceof Error) expect(outcome).toMatchObject(expected as object);
    else expect(outcome).toEqual(expected);
  });

  test.each(ENDS)('that ended with %s, awaited afterwards', async (_end, code, expected) => {
    const { client } = await work(code);
    const handle = await client.start(Act, {}, { id: 'a' });
    await eventually(async () => expect(await stage().endQueue()).toEqual(['a']));
    const outcome = await outcomeOf(handle.result());
    if (outcome instanceof Error) expect(outcome).toMatchObject(expected as object);
    else expect(outcome).toEqual(expected);
  });

  test.each(ENDS)('that ends with %s and is cleaned up at once', async (_end, code, expected) => {
    const { client } = await work(code, { cleanup: { retention: 0, interval: 1 } });
    for (let round = 0; round < 10; round++) {
      const outcome = await outcomeOf((await client.start(Act, {}, { id: 'a' })).result({ timeout: '10s' })).catch(
        (error: unknown) => error,
      );
      // Begun after the clean-up, the wait finds nothing: that is told, and does not hang.
      if (outcome instanceof TaskNotFoundError) continue;
      if (outcome instanceof Error) expect(outcome).toMatchObject(expected as object);
      else expect(outcome).toEqual(expected);
      await eventually(async () => expect(await client.get('a')).toBeUndefined());
    }
  });

  test('awaited while it waits, it survives a clean-up without retention', async () => {
    const { client } = await stage().app();
    const handles = await Promise.all(Array.from({ length: 30 }, () => client.start(Act)));
    const results = Promise.all(handles.map((handle) => handle.result({ timeout: '10s' })));
    await work(() => 'done', { cleanup: { retention: 0, interval: 1 } });
    expect(await results).toEqual(handles.map(() => 'done'));
  });

  test('of a thousand tasks at once', async () => {
    let count = 0;
    const { client } = await work(() => ++count);
    const handles = await Promise.all(Array.from({ length: 1_000 }, () => client.start(Act)));
    const results = (await Promise.all(handles.map((handle) => handle.result({ timeout: '20s' })))) as number[];
    expect(results.sort((a, b) => a - b)).toEqual(handles.map((_, index) => index + 1));
  });

  test('is told to all who wait for it', async () => {
    const { client } = await stage().app();
    const handle = await client.start(Act);
    const results = Promise.all(Array.from({ length: 20 }, () => client.result(handle.id, { timeout: '10s' })));
    await work(() => 'done');
    expect(new Set(await results)).toEqual(new Set(['done']));
  });

  test('of a stopped task says that it was stopped, before and after', async () => {
    const { client } = await stage().app();
    const handle = await client.start(Act);
    const before = handle.result({ timeout: '10s' });
    await Promise.all([expect(before).rejects.toBeInstanceOf(TaskStoppedError), handle.stop()]);
    await expect(handle.result()).rejects.toBeInstanceOf(TaskStoppedError);
  });

  test('of a removed task says that it does not exist', async () => {
    const { client } = await stage().app();
    const handle = await client.start(Act);
    const result = handle.result({ timeout: '10s' });
    await Promise.all([expect(result).rejects.toBeInstanceOf(TaskNotFoundError), handle.remove()]);
  });

  test('of a task that never was says so at once', async () => {
    const { client } = await stage().app();
    await expect(client.result('nobody')).rejects.toBeInstanceOf(TaskNotFoundError);
  });

  test('that does not come in time is given up, and the task goes on', async () => {
    const desk = new Desk();
    const { client } = await work(() => 0, { providers: [Desk.provide(desk)] });
    const handle = await client.start(Staying, {}, { id: 'a' });
    const error = await handle.result({ timeout: 30 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResultTimeoutError);
    expect(error).toMatchObject({ taskId: 'a', timeoutMs: 30 });
    await desk.untilBegan('a');
    desk.gate('a').open('done');
    expect(await handle.result({ timeout: '5s' })).toBe('done');
  });

  test('with no time at all is that of an ended task, or none', async () => {
    const { client } = await work(() => 'done');
    const handle = await client.start(Act, {}, { id: 'a' });
    await stage().untilState('a', 'SUCCESS');
    expect(await handle.result({ timeout: 0 })).toBe('done');
    await client.start('unknown', {}, { id: 'b' });
    await expect(client.result('b', { timeout: 0 })).rejects.toBeInstanceOf(ResultTimeoutError);
  });

  test('of a task that a pytask worker ended is its text where that is no JSON', async () => {
    const { client } = await stage().app();
    await stage().setHash('a', { task: 'old', state: 'SUCCESS', output: "['python']" });
    expect(await client.result('a')).toBe("['python']");
  });
});

describe('a result that is awaited', () => {
  const stage = Stage.use('memory', 'manual');

  test('is found although its event was lost', async () => {
    const { client } = await stage().app();
    await client.start('act', {}, { id: 'a' });
    const result = client.result('a');
    await stage().clock.advance(1_000);
    await stage().setHash('a', { state: 'SUCCESS', output: '7' });
    await stage().clock.advance(5_000);
    expect(await result).toBe(7);
  });

  test('leaves nothing on the clock once it is there', async () => {
    const { client } = await stage().app();
    await client.start('act', {}, { id: 'a' });
    const result = client.result('a', { timeout: '1h' }).catch((error: unknown) => error);
    await stage().clock.advance(1_000);
    await client.remove('a');
    expect(await result).toBeInstanceOf(TaskNotFoundError);
    expect(stage().clock.timerCount).toBe(0);
  });

  test('is given up when the app closes, and nothing of it is left', async () => {
    const app = await stage().app();
    await app.client.start('act', {}, { id: 'a' });
    let settled = false;
    app.client.result('a').then(
      () => fail(),
      () => {
        settled = true;
      },
    );
    await stage().clock.advance(1_000);
    await stage().closeApp(app);
    await stage().clock.advance(1_000);
    expect(stage().clock.timerCount).toBe(0);
    expect(settled).toBe(true);
  });
});

function fail(): never {
  throw new Error('There is no result.');
}

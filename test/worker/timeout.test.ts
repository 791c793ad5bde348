import { setTimeout as pause } from 'node:timers/promises';
import { Task } from '../../src/decorators/task';
import type { TaskOptions } from '../../src/metadata/task-options';
import { TaskContext } from '../../src/task/task-context';
import { Desk } from '../app/desk';
import { PLACES, Stage } from '../app/stage';

@Task('patient', { timeout: 60 })
class Patient {
  constructor(private readonly desk: Desk) {}

  async start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }

  stop(): void {
    this.desk.notes.push('stop');
  }
}

/** Goes on until its gate is opened, whatever it is asked. */
@Task('deaf', { timeout: 30 })
class Deaf {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task, true);
  }
}

/** Tells the desk when it is stopped, and takes its time. */
@Task('slow', { timeout: 30 })
class Slow {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task, true);
  }

  stop(): void {
    this.desk.notes.push('stop');
  }
}

@Task('second-try', { timeout: 60, retry: { attempts: 2, delay: 5 } })
class SecondTry {
  async start(task: TaskContext): Promise<string> {
    if (task.attempt === 1) await pause(10_000, undefined, { signal: task.signal });
    return `done in run ${task.attempt}`;
  }
}

describe.each(PLACES)('the timeout of a run, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp(concurrency = 10) {
    const desk = new Desk();
    const tasks = [Patient, Deaf, Slow, SecondTry];
    const worker = { concurrency, stopTimeout: 100 };
    const app = await stage().app({ tasks, providers: [Desk.provide(desk)], worker });
    return { desk, app };
  }

  test('aborts it, tells why, calls stop, and ends the task as EXCEPTION', async () => {
    const { desk, app } = await setUp();
    const handle = await app.client.start(Patient, {}, { id: 'a' });
    await expect(handle.result({ timeout: '5s' })).rejects.toMatchObject({
      state: 'EXCEPTION',
      output: 'The run took longer than 60 ms, the timeout of its class, and was aborted.',
    });
    await desk.untilAborted('timed-out');
    expect(desk.notes).toEqual(['stop']);
  });

  test('does nothing to one that ends in time', async () => {
    const { desk, app } = await setUp();
    desk.gate('a').open('in time');
    expect(await (await app.client.start(Patient, {}, { id: 'a' })).result({ timeout: '5s' })).toBe('in time');
    await pause(100);
    expect(desk.aborts).toEqual([]);
    expect(await stage().record('a')).toMatchObject({ state: 'SUCCESS' });
  });

  test('leaves code behind that does not end, and its slot is taken until it does', async () => {
    const { desk, app } = await setUp(1);
    const handle = await app.client.start(Deaf, {}, { id: 'deaf' });
    await expect(handle.result({ timeout: '5s' })).rejects.toMatchObject({ state: 'EXCEPTION' });
    await app.client.start(Patient, {}, { id: 'next' });
    await pause(100);
    expect(desk.began).toEqual(['deaf']);
    desk.gate('deaf').open('at last');
    await desk.untilBegan('next');
    expect(await stage().record('deaf')).toMatchObject({ state: 'EXCEPTION' });
  });

  test('counts as a failure, which may be retried', async () => {
    const { app } = await setUp();
    const handle = await app.client.start(SecondTry);
    expect(await handle.result({ timeout: '5s' })).toBe('done in run 2');
    expect(await handle.get()).toMatchObject({
      failures: 1,
      errors: [expect.stringMatching('took longer than 60 ms')],
    });
  });

  test('has stop() called once, though the run is stopped meanwhile', async () => {
    const { desk, app } = await setUp();
    const handle = await app.client.start(Slow, {}, { id: 'a' });
    await desk.untilAborted('timed-out');
    await handle.stop();
    await expect(handle.result({ timeout: '5s' })).rejects.toMatchObject({ code: 'TASK_STOPPED' });
    expect(desk.notes).toEqual(['stop']);
  });

  test('comes second to a stop', async () => {
    const { desk, app } = await setUp();
    const handle = await app.client.start(Patient, {}, { id: 'a' });
    await desk.untilBegan('a');
    await handle.stop();
    await desk.untilAborted('stopped');
    await expect(handle.result({ timeout: '5s' })).rejects.toMatchObject({ code: 'TASK_STOPPED' });
    await pause(100);
    expect(await stage().record('a')).toMatchObject({ state: 'STOPPED' });
  });
});

test.each([0, -1, 'soon', null])('a timeout of %p is refused', (timeout) => {
  expect(() =>
    Task('wrong', { timeout } as TaskOptions)(
      class Wrong {
        start() {}
      },
    ),
  ).toThrow(`timeout is ${JSON.stringify(timeout)}; it must be milliseconds, more than 0, or a text such as '30s'`);
});

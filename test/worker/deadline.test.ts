import { Task } from '../../src/decorators/task';
import { RetryError } from '../../src/task/retry-error';
import { TaskContext } from '../../src/task/task-context';
import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';

const OVER = /^Task "a" did not end before its deadline/;

@Task('patient', { deadline: 1_000 })
class Patient {
  constructor(private readonly desk: Desk) {}

  async start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }
}

@Task('failing', { retry: { attempts: 100, backoff: 'fixed', delay: 20, jitter: 0 }, deadline: 150 })
class Failing {
  async start(): Promise<never> {
    throw new Error('again');
  }
}

@Task('postponed')
class Postponed {
  async start(): Promise<never> {
    throw new RetryError('in an hour', { delay: '1h' });
  }
}

describe.each(PLACES)('the deadline of a task, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp() {
    const desk = new Desk();
    const tasks = [Patient, Failing, Postponed, Staying];
    const app = await stage().app({ tasks, providers: [Desk.provide(desk)] });
    return { desk, client: app.client };
  }

  test('ends a run that goes on, and the task as EXCEPTION', async () => {
    const { desk, client } = await setUp();
    await client.start(Patient, {}, { id: 'a' });
    await desk.untilAborted('timed-out');
    await expect(client.result('a', { timeout: '5s' })).rejects.toMatchObject({
      state: 'EXCEPTION',
      output: expect.stringMatching(OVER),
    });
  });

  test('is that of the start where it gives one', async () => {
    const { desk, client } = await setUp();
    await client.start(Patient, {}, { id: 'a', deadline: '1h' });
    await client.start(Staying, {}, { id: 'b', deadline: 50 });
    // On a busy machine it is over before a run begins.
    await expect(client.result('b', { timeout: '5s' })).rejects.toMatchObject({
      state: 'EXCEPTION',
      output: expect.stringMatching(/^Task "b" did not end before its deadline/),
    });
    desk.gate('a').open('in time');
    expect(await client.result('a', { timeout: '5s' })).toBe('in time');
  });

  test('ends the retries', async () => {
    const { client } = await setUp();
    await client.start(Failing, {}, { id: 'a' });
    await expect(client.result('a', { timeout: '5s' })).rejects.toMatchObject({ state: 'EXCEPTION' });
    const record = await client.get('a');
    expect(record?.failures).toBeGreaterThan(0);
    expect(record?.failures).toBeLessThan(10);
  });

  test('ends a task at once that would be retried after it', async () => {
    const { client } = await setUp();
    await client.start(Postponed, {}, { id: 'a', deadline: '30m' });
    await expect(client.result('a', { timeout: '5s' })).rejects.toMatchObject({
      output: expect.stringContaining('in an hour'),
    });
  });

  test('ends a task that nobody took in time, without running it', async () => {
    const task = { id: 'a', name: 'staying', data: '{}', cleanup: true, deadline: { atMs: 1_000 } };
    await stage().backend.store.enqueue([task]);
    const { desk, client } = await setUp();
    await expect(client.result('a', { timeout: '5s' })).rejects.toMatchObject({ output: expect.stringMatching(OVER) });
    expect(desk.began).toEqual([]);
  });
});

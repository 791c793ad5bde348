import { CLOCK } from '../../src/clock';
import { Schedule } from '../../src/decorators/schedule';
import { Task } from '../../src/decorators/task';
import { AppClosedError, NoRestError } from '../../src/errors';
import { useTestApps } from '../support/use-test-apps';
import { Again, Flaky, Hang, Mail, SignUp, Stay, Watch } from './test-app-tasks';

@Schedule({ every: '1m' })
@Task('minute')
class Minute {
  start(): void {}
}

@Schedule('0 4 * * *', { tz: 'Europe/Vienna', name: 'morning' })
@Task('morning')
class Morning {
  start(): void {}
}

const DAY = 86_400_000;
const make = useTestApps();
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);

describe('a test app that is drained', () => {
  test('runs what waits, and what that starts, to the end; what is due later waits', async () => {
    const app = await make({ tasks: [SignUp, Mail] });
    const handle = await app.client.start(SignUp, { to: 'ada' });
    expect(await handle.get()).toMatchObject({ id: 'task-1', state: 'WAIT' });
    await app.drain();
    expect(app.enqueued()).toEqual([
      expect.objectContaining({ id: 'task-1', name: 'sign-up', input: { to: 'ada' }, delayMs: 0, by: 'client' }),
      expect.objectContaining({ id: 'task-2', name: 'mail', queue: 'default', priority: 5, deadlineInMs: undefined }),
      expect.objectContaining({ id: 'task-3', name: 'mail', priority: 1, delayMs: DAY }),
    ]);
    expect(app.events('mail:sent')).toEqual([
      { taskId: 'task-2', task: 'mail', event: 'sent', data: { to: 'ada', attempt: 1 }, atMs: app.clock.nowMs() },
    ]);
    expect(await Promise.all(['task-2', 'task-3'].map(async (id) => (await app.client.get(id))?.state))).toEqual([
      'SUCCESS',
      'WAIT',
    ]);
  });

  test('runs a thousand tasks in their order, however few at a time', async () => {
    const app = await make({ tasks: [Mail], worker: { concurrency: 1 } });
    const names = Array.from({ length: 1_000 }, (_, number) => `${number}`);
    await app.client.startMany(
      Mail,
      names.map((to) => ({ to })),
    );
    await app.drain();
    expect(app.events('mail:sent').map(({ data }) => (data as { to: string }).to)).toEqual(names);
  });

  test('leaves runs that wait for the clock or to be stopped as they are', async () => {
    const app = await make({ tasks: [Watch, Stay, Hang] });
    const handles = [await app.client.start(Watch), await app.client.start(Stay), await app.client.start(Hang)];
    await app.drain();
    for (const handle of handles) expect(await handle.get()).toMatchObject({ state: 'RUNNING' });
    expect(app.events('watch:progress')).toHaveLength(1);
    await handles[1]?.stop();
    await app.drain();
    expect(await handles[1]?.get()).toMatchObject({ state: 'STOPPED' });
  });

  test('says so where a task starts itself for ever', async () => {
    const app = await make({ tasks: [Again], patience: 200 });
    await app.client.start(Again);
    await expect(app.drain()).rejects.toThrow(
      /is done again and again.* The last task that was enqueued is again \(task-\d+\); of its name there were \d+\./,
    );
    await expect(app.drain()).rejects.toBeInstanceOf(NoRestError);
  });

  test('cannot be drained when it is closed', async () => {
    const app = await make({ tasks: [Mail] });
    await app.close();
    await expect(app.drain()).rejects.toBeInstanceOf(AppClosedError);
    await expect(app.advance('1s')).rejects.toBeInstanceOf(AppClosedError);
  });
});

describe('a test app whose time is advanced', () => {
  test('retries each time after its whole delay', async () => {
    const app = await make({ tasks: [Flaky] });
    const handle = await app.client.start(Flaky);
    await app.advance(9_999);
    expect(await handle.get()).toMatchObject({ state: 'WAIT', attempt: 1 });
    await app.advance(1);
    expect(await handle.get()).toMatchObject({ state: 'WAIT', attempt: 2 });
    await app.advance('20s');
    expect(await handle.result()).toBe('done at attempt 3');
    expect(app.failures.map(({ error }) => String(error))).toEqual([
      'Error: down at attempt 1',
      'Error: down at attempt 2',
    ]);
  });

  test('lets what is due happen in its order', async () => {
    const app = await make({ tasks: [Mail, Flaky, Watch] });
    const startMs = app.clock.nowMs();
    await app.client.start(Mail, { to: 'late' }, { delay: '90m' });
    await app.client.start(Mail, { to: 'soon' }, { delay: '5s' });
    await app.client.start(Watch);
    await app.client.start(Flaky, {}, { delay: '30m' });
    await app.advance('2h');
    const told = app.events().filter(({ event }) => ['sent', 'progress', 'retry', 'success'].includes(event));
    expect(told.map(({ task, event, atMs }) => `${(atMs - startMs) / 1_000} ${task}:${event}`)).toEqual([
      '0 watch:progress',
      '5 mail:sent',
      '5 mail:success',
      '1800 flaky:retry',
      '1810 flaky:retry',
      '1830 flaky:success',
      '3600 watch:progress',
      '5400 mail:sent',
      '5400 mail:success',
      '7200 watch:progress',
    ]);
  });

  test('fires a schedule of each minute 60 times in an hour', async () => {
    const app = await make({ tasks: [Minute], now: '2026-01-01T00:00:00Z' });
    await app.advance('1h');
    const times = app.enqueued(Minute).map(({ atMs }) => iso(atMs));
    expect(times).toHaveLength(60);
    expect(times.slice(0, 2)).toEqual(['2026-01-01T00:01', '2026-01-01T00:02']);
    expect(app.events('minute:success')).toHaveLength(60);
  });

  test('fires at the same time of the day in Vienna over a change of its clocks', async () => {
    const times = [];
    // At 1:00 UTC on the 29th it becomes 3 o'clock there.
    for (const now of [new Date('2026-03-28T02:30:00Z'), '2026-03-29T00:30:00Z']) {
      const app = await make({ tasks: [Morning], cleanup: false, monitor: false, now });
      await app.advance('2h');
      times.push(...app.enqueued('morning').map(({ atMs, by }) => `${iso(atMs)} ${by}`));
    }
    expect(times).toEqual(['2026-03-28T03:00 schedule', '2026-03-29T02:00 schedule']);
  });

  test('ends what takes too long, by its timeout or its deadline', async () => {
    const app = await make({ tasks: [Hang, Mail] });
    const hang = await app.client.start(Hang);
    const late = await app.client.start(Hang, {}, { deadline: '30s' });
    await app.advance('30s');
    expect([(await hang.get())?.state, (await late.get())?.state]).toEqual(['RUNNING', 'RUNNING']);
    await app.advance('1m');
    expect(await late.get()).toMatchObject({ state: 'EXCEPTION', output: expect.stringContaining('deadline') });
    expect(await hang.get()).toMatchObject({ state: 'EXCEPTION', output: expect.stringContaining('60000 ms') });
  });

  test('drops what ended when its retention is over', async () => {
    const app = await make({ tasks: [Mail], cleanup: { retention: '10m' } });
    const handle = await app.client.start(Mail, { to: 'ada' });
    await app.advance('9m');
    expect(await handle.get()).toMatchObject({ state: 'SUCCESS' });
    await app.advance('2m');
    expect(await handle.get()).toBeUndefined();
  });

  test('keeps the lease of a run that goes on for hours', async () => {
    const app = await make({ tasks: [Watch], scheduler: false });
    await app.client.start(Watch);
    await app.advance('5h');
    expect(app.events('watch:progress')).toHaveLength(6);
    expect(app.events('watch:start')).toHaveLength(1);
  });

  test('gives its clock to whoever has it injected', async () => {
    const app = await make({ now: 0 });
    await app.advance('1m');
    expect([app.get(CLOCK).nowMs(), app.clock.nowMs()]).toEqual([60_000, 60_000]);
  });
});

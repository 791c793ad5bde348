import { ConfigurationError } from '../../src/errors';
import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';

describe.each(PLACES)('tasks that start later, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp() {
    const desk = new Desk();
    const app = await stage().app({ tasks: [Staying], providers: [Desk.provide(desk)] });
    return { desk, app };
  }

  test('a delay is kept, and an idle worker begins soon after it', async () => {
    const { desk, app } = await setUp();
    desk.gate('a').open('done');
    const handle = await app.client.start(Staying, {}, { id: 'a', delay: 200 });
    expect(await handle.get()).toMatchObject({ state: 'WAIT' });
    expect(await handle.result({ timeout: '5s' })).toBe('done');
    const { createdMs = 0, startedMs = 0 } = (await handle.get()) ?? {};
    expect(startedMs - createdMs).toBeGreaterThanOrEqual(200);
    expect(startedMs - createdMs).toBeLessThan(1_500);
  });

  test('a task may be given a time, as a Date or in epoch milliseconds', async () => {
    const { desk, app } = await setUp();
    for (const id of ['date', 'number', 'past']) desk.gate(id).open(id);
    const atMs = Date.now() + 300;
    const handles = [
      await app.client.start(Staying, {}, { id: 'date', runAt: new Date(atMs) }),
      await app.client.start(Staying, {}, { id: 'number', runAt: atMs }),
      await app.client.start(Staying, {}, { id: 'past', runAt: 1_000 }),
    ];
    const results = await Promise.all(handles.map((handle) => handle.result({ timeout: '5s' })));
    expect(results).toEqual(['date', 'number', 'past']);
    expect((await handles[0]?.get())?.startedMs).toBeGreaterThanOrEqual(atMs);
  });

  test('one that is due later does not hold up those that are not', async () => {
    const { desk, app } = await setUp();
    const late = await app.client.start(Staying, {}, { id: 'late', delay: '1h' });
    await app.client.start(Staying, {}, { id: 'now' });
    await desk.untilBegan('now');
    expect(await late.reschedule({ delay: 0 })).toBe('done');
    await desk.untilBegan('late');
    expect(await late.reschedule({ delay: 0 })).toBe('unchanged');
  });

  test('a later time takes the place of an earlier one', async () => {
    const { app } = await setUp();
    const handle = await app.client.start(Staying, {}, { id: 'a', delay: 100 });
    const runAt = new Date(Date.now() + 3_600_000);
    expect(await handle.reschedule({ runAt })).toBe('done');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await handle.get()).toMatchObject({ state: 'WAIT', dueMs: runAt.getTime() });
    expect(await handle.remove()).toBe('done');
    expect(await app.client.counts()).toMatchObject({ delayed: 0 });
  });

  test('however far away it is, a time is told as it is, and holds up nothing', async () => {
    const { desk, app } = await setUp();
    const last = new Date(8.64e15);
    const times = [{ runAt: last }, { delay: Number.MAX_VALUE }, { delay: 2 ** 31 }, { delay: '100y' }];
    const handles = await Promise.all(times.map((time) => app.client.start(Staying, {}, time)));
    const dueMs = await Promise.all(handles.map(async (handle) => (await handle.get())?.dueMs as number));
    expect(dueMs[0]).toBe(last.getTime());
    for (const ms of dueMs) expect(new Date(ms).getTime()).toBe(ms);
    const soon = await app.client.start(Staying, {}, { id: 'soon', delay: 30 });
    await desk.untilBegan('soon');
    expect(await app.client.counts()).toMatchObject({ delayed: 4 });
    expect(await handles[0]?.reschedule({ delay: 0 })).toBe('done');
    await desk.untilBegan(handles[0]?.id as string);
    expect(await soon.get()).toMatchObject({ state: 'RUNNING' });
  });

  test('many may start later together', async () => {
    const { app } = await setUp();
    const report = await app.client.startMany(Staying, [{}, {}, {}], { delay: '1h' });
    expect(report.started).toBe(3);
    expect(await app.client.counts()).toMatchObject({ waiting: 0, delayed: 3 });
  });

  test('a time that is none is refused, and names what to give', async () => {
    const { app } = await setUp();
    const start = (options: object) => app.client.start(Staying, {}, options);
    await expect(start({ delay: 'soon' })).rejects.toThrow('delay is "soon": give milliseconds');
    await expect(start({ delay: 1, runAt: 1 })).rejects.toThrow('delay and runAt are both given: give one of them.');
    await expect(start({ runAt: new Date('x') })).rejects.toThrow('runAt is Invalid Date: give a Date, or a time');
    for (const runAt of [8.64e15 + 1, 1e300, Number.POSITIVE_INFINITY, Number.NaN, -1, '2030-01-01', 10n]) {
      await expect(start({ runAt })).rejects.toThrow(/^runAt is .*: give a Date, or a time in epoch milliseconds/);
    }
    await expect(start({ delay: Number.NaN })).rejects.toThrow('delay is NaN: give milliseconds');
    await expect(start({ delay: 5n })).rejects.toThrow('delay is 5n: give milliseconds');
    await expect(app.client.reschedule('a', {})).rejects.toThrow(ConfigurationError);
    expect(await app.client.counts()).toMatchObject({ waiting: 0, delayed: 0 });
  });
});

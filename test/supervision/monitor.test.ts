import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';

const LEASE_MS = 60_000;

describe.each(PLACES)('the monitor, on %s', (place) => {
  const stage = Stage.use(place);

  /** An app that works, with a monitor that looks often. */
  async function work(taskTimeout = 300) {
    const desk = new Desk();
    const app = await stage().app({
      tasks: [Staying],
      providers: [Desk.provide(desk)],
      taskTimeout,
      worker: { heartbeatInterval: 50 },
      monitor: { interval: 20 },
    });
    return { desk, client: app.client };
  }

  /** A worker that takes the task and begins it, and is never heard of again. */
  async function vanish(id: string, leaseMs = 1, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    const { store } = stage().backend;
    await store.enqueue([{ id, name: 'staying', data: '{}', cleanup: true }]);
    await store.take({ worker: 'gone', limit: 1, waitMs: 0, keepMs: LEASE_MS });
    const slots = new Map([['staying', 1]]);
    await store.open({ worker: 'gone', ids: [id], runHere: new Set(), slots, leaseMs, unknownTaskTimeoutMs: 0 });
    await stage().setHash(id, { last_update: '1000.5', ...fields });
  }

  /** What a pytask worker leaves that died: no lease of ours. */
  async function leaveForeign(id: string): Promise<void> {
    await stage().setHash(id, { task: 'staying', data: '{}', state: 'RUNNING', last_update: '1000.5' });
    await stage().backend.raw.sadd(stage().backend.keys.taskSet, id);
  }

  test('has a task whose worker vanished run again, as the next attempt', async () => {
    await vanish('a');
    const { desk, client } = await work();
    await desk.untilBegan('a');
    expect(await client.get('a')).toMatchObject({ state: 'RUNNING', attempt: 2 });
    desk.gate('a').open('done');
    expect(await client.result('a', { timeout: '5s' })).toBe('done');
    await stage().untilLogged('The monitor mended');
  });

  test('has a task whose foreign worker vanished run again', async () => {
    await leaveForeign('a');
    const { desk } = await work();
    await desk.untilBegan('a');
  });

  test('leaves living runs alone, pass after pass', async () => {
    const { desk, client } = await work();
    await client.start(Staying, {}, { id: 'a' });
    await desk.untilBegan('a');
    // Each is found by a later pass than the one before.
    for (const id of ['b', 'c', 'd']) {
      await leaveForeign(id);
      await desk.untilBegan(id);
    }
    expect(desk.began).toEqual(['a', 'b', 'c', 'd']);
  });

  test('stops a task that was to be stopped when its worker vanished', async () => {
    await vanish('a', 1, { control: 'stop' });
    const { desk } = await work();
    await stage().untilState('a', 'STOPPED');
    expect(desk.began).toEqual([]);
  });

  test('removes a task that was to be removed when its worker vanished', async () => {
    await vanish('a', 1, { control: 'remove' });
    await work();
    await eventually(async () => expect(await stage().hash('a')).toEqual({}));
  });

  test('removes the local tasks of a worker that vanished', async () => {
    const { store } = stage().backend;
    await store.openLocal('gone', { id: 'local', name: 'staying', data: '{}', cleanup: true }, 1);
    await stage().setHash('local', { last_update: '1000.5' });
    const { desk } = await work();
    await eventually(async () => expect(await stage().hash('local')).toEqual({}));
    expect(await stage().active()).not.toContain('local');
    expect(desk.began).toEqual([]);
  });

  test('gives back what a worker had taken when it vanished', async () => {
    const { store } = stage().backend;
    await store.enqueue([{ id: 'a', name: 'staying', data: '{}', cleanup: true }]);
    await store.take({ worker: 'gone', limit: 1, waitMs: 0, keepMs: 1 });
    const { desk } = await work();
    await desk.untilBegan('a');
  });

  test('settles a task that ended, and whose worker vanished before it told the end queue', async () => {
    await vanish('a', 1, { state: 'SUCCESS', output: '7' });
    await work();
    await eventually(async () => expect(await stage().endQueue()).toEqual(['a']));
    await eventually(async () => expect(await stage().active()).not.toContain('a'));
  });

  test('two at once have each task run again once', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `t${index}`);
    for (const id of ids) await vanish(id);
    const both = await Promise.all([work(), work()]);
    const began = () => both.flatMap(({ desk }) => desk.began);
    await eventually(() => expect(began().length).toBeGreaterThanOrEqual(20));
    for (const id of ['last-1', 'last-2']) {
      await leaveForeign(id);
      await eventually(() => expect(began()).toContain(id));
    }
    expect([...began()].sort()).toEqual([...ids, 'last-1', 'last-2'].sort());
  });
});

describe('the search for orphans', () => {
  const stage = Stage.use('redis');

  async function search(orphanScan: number) {
    const desk = new Desk();
    const app = await stage().app({
      tasks: [Staying],
      providers: [Desk.provide(desk)],
      taskTimeout: 200,
      worker: { heartbeatInterval: 50 },
      monitor: { interval: 20, orphanScan },
      cleanup: { interval: 20 },
    });
    return { desk, app };
  }

  test('brings a task back whose producer died before its push', async () => {
    await stage().setHash('a', { task: 'staying', data: '{}' });
    const { desk } = await search(50);
    await desk.untilBegan('a');
    await stage().untilLogged('Brought back 1 orphans');
  });

  test('brings an ended task to its clean-up, and a running one into the index', async () => {
    await stage().setHash('ended', { task: 'staying', state: 'ERROR', output: 'no' });
    await stage().setHash('runs', { task: 'staying', data: '{}', state: 'RUNNING', last_update: '1000.5' });
    await stage().setHash('left', { last_update: '1000.5' });
    const { desk } = await search(50);
    await desk.untilBegan('runs');
    await eventually(async () => expect(await stage().hash('left')).toEqual({}));
    await expectPlacesClean(stage().redisUrl as string, stage().backend.keys);
  });

  test('leaves alone what is on its way: it looks twice', async () => {
    const { desk, app } = await search(10);
    for (let round = 0; round < 20; round++) await app.client.start(Staying, {}, { id: `t${round}` });
    await eventually(() => expect(desk.began).toHaveLength(20));
    for (let round = 0; round < 20; round++) desk.gate(`t${round}`).open('done');
    await eventually(async () => expect(await stage().active()).toHaveLength(2));
    expect(desk.began).toHaveLength(20);
  });
});

describe('the monitor that is told to be off', () => {
  const stage = Stage.use('memory', 'manual');

  test.each([
    [{}, 2],
    [{ monitor: false as const }, 1],
    [{ cleanup: false as const }, 1],
    [{ monitor: false as const, cleanup: false as const }, 0],
    [{ worker: false as const }, 0],
  ])('runs in a worker unless it says so: %j', async (options, locals) => {
    const app = await stage().app({ tasks: [Staying], monitor: {}, cleanup: {}, ...options });
    const active: string[] = [];
    for await (const id of app.client.active()) active.push(id);
    expect(active).toHaveLength(locals);
    await stage().closeApp(app);
    expect(await stage().active()).toEqual([]);
    expect(stage().clock.timerCount).toBe(0);
  });
});

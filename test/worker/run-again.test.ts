import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

@Task('quick')
class Quick {
  start(): string {
    return 'done';
  }
}

/** Its run is over in the store, but this worker still tells its hook. */
@Task('lingering')
class Lingering {
  constructor(private readonly desk: Desk) {}

  async start(): Promise<string> {
    this.desk.began.push('run');
    return 'done';
  }

  @OnEvent('success')
  onSuccess(): Promise<unknown> {
    return this.desk.gate('hook').passed;
  }
}

describe.each(PLACES)('a task that is started again, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp() {
    const desk = new Desk();
    const app = await stage().app({ tasks: [Quick, Lingering, Staying], providers: [Desk.provide(desk)] });
    return { desk, client: app.client };
  }

  test('runs again as soon as its result is known, many times over', async () => {
    const { client } = await setUp();
    const handle = await client.start(Quick, {}, { id: 'a' });
    for (let round = 0; round < 50; round++) {
      expect(await handle.result({ timeout: '5s' })).toBe('done');
      expect(await handle.restart()).toBe('done');
    }
    expect(await handle.result({ timeout: '5s' })).toBe('done');
  });

  test('runs again although a hook of its last run has not ended', async () => {
    const { desk, client } = await setUp();
    const handle = await client.start(Lingering, {}, { id: 'a' });
    await handle.result({ timeout: '5s' });
    expect(await handle.restart()).toBe('done');
    await eventually(async () => expect(await stage().queue()).toEqual([]));
    desk.gate('hook').open(undefined);
    await desk.untilBegan('run', 2);
  });

  test('runs again under its id with a new input as soon as its result is known', async () => {
    const { client } = await setUp();
    for (let round = 0; round < 50; round++) {
      const handle = await client.start(Quick, {}, { id: 'a' });
      expect(await handle.result({ timeout: '5s' })).toBe('done');
    }
  });

  test('runs again as soon as it is stopped, many times over', async () => {
    const { desk, client } = await setUp();
    const handle = await client.start(Staying, {}, { id: 'a' });
    for (let round = 1; round <= 20; round++) {
      await desk.untilBegan('a', round);
      await handle.stop();
      await stage().untilState('a', 'STOPPED');
      expect(await handle.restart()).toBe('done');
    }
    await desk.untilBegan('a', 21);
  });

  test('runs once where its id is pushed again while it runs', async () => {
    const { desk, client } = await setUp();
    const handle = await client.start(Staying, {}, { id: 'a' });
    await desk.untilBegan('a');
    await stage().push('a', 'a');
    await eventually(async () => expect(await stage().queue()).toEqual([]));
    desk.gate('a').open('done');
    expect(await handle.result({ timeout: '5s' })).toBe('done');
    expect(desk.began).toEqual(['a']);
  });

  test('runs on where a foreign monitor takes its run for dead and the same worker takes it again', async () => {
    const { desk, client } = await setUp();
    await client.start(Staying, {}, { id: 'a' });
    await desk.untilBegan('a');
    await stage().setHash('a', { state: 'WAIT' });
    await stage().push('a');
    await desk.untilBegan('a', 2);
    await stage().untilState('a', 'RUNNING');
  });

  test('runs after a stop and a push by hand, as a stopped task of pytask does', async () => {
    const { desk, client } = await setUp();
    const handle = await client.start(Staying, {}, { id: 'a' });
    await desk.untilBegan('a');
    await handle.stop();
    await stage().untilState('a', 'STOPPED');
    await stage().push('a');
    await desk.untilBegan('a', 2);
  });
});

describe('a process that was suspended for longer than the timeout', () => {
  const stage = Stage.use('memory', 'manual');

  test('runs its task again where its own monitor wakes first', async () => {
    const desk = new Desk();
    const app = await stage().app({
      tasks: [Staying],
      providers: [Desk.provide(desk)],
      monitor: { interval: '10s' },
      taskTimeout: '60s',
      worker: { heartbeatInterval: '25s' },
    });
    await app.client.start(Staying, {}, { id: 'a' });
    await desk.untilBegan('a');
    stage().clock.shiftWall(120_000);
    await stage().clock.advance(60_000);
    await desk.untilBegan('a', 2);
    expect(await stage().record('a')).toMatchObject({ state: 'RUNNING', attempt: 2 });
  });
});

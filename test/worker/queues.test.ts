import type { QueuesOption } from '../../src/app/queue-options';
import { Task } from '../../src/decorators/task';
import { RANDOM } from '../../src/random';
import { TaskContext } from '../../src/task/task-context';
import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

@Task('letter', { queue: 'mail' })
class Letter {
  constructor(private readonly desk: Desk) {}

  async start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }
}

@Task('quick')
class Quick {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): void {
    this.desk.began.push(task.id);
  }
}

describe.each(PLACES)('the queues of a worker, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp(worker: { concurrency?: number; queues?: QueuesOption } = {}) {
    const desk = new Desk();
    const tasks = [Letter, Staying, Quick];
    const app = await stage().app({ tasks, providers: [Desk.provide(desk)], worker });
    return { desk, client: app.client };
  }

  /** So many tasks in each queue before there is a worker; `n` after their queue's name are theirs. */
  async function fill(count: number, ...queues: readonly string[]): Promise<void> {
    const client = (await stage().make({ worker: false })).client;
    for (const queue of queues) {
      const ids = Array.from({ length: count }, (_, n) => `${queue}-${n}`);
      await client.startMany(
        'quick',
        ids.map((id): [string, object] => [id, {}]),
        { queue },
      );
    }
  }

  async function untilBegun(desk: Desk, count: number): Promise<void> {
    await eventually(() => expect(desk.began.length).toBe(count));
  }

  test('are by default those of its classes, and the one called default', async () => {
    const { desk, client } = await setUp();
    const letter = await client.start(Letter);
    await client.start(Staying, {}, { id: 'plain' });
    await desk.untilBegan(letter.id);
    await desk.untilBegan('plain');
    expect(await letter.get()).toMatchObject({ queue: 'mail', state: 'RUNNING' });
  });

  test('are those that it is given, and no others', async () => {
    const { desk, client } = await setUp({ queues: ['mail'] });
    await client.start(Staying, {}, { id: 'plain' });
    await client.start(Staying, {}, { id: 'posted', queue: 'mail' });
    await desk.untilBegan('posted');
    expect(await client.get('plain')).toMatchObject({ state: 'WAIT' });
  });

  test('without weights come in their order', async () => {
    await fill(30, 'low', 'urgent', 'default');
    const { desk } = await setUp({ concurrency: 1, queues: ['urgent', 'default', 'low'] });
    await untilBegun(desk, 90);
    const firsts = ['urgent', 'default', 'low'].map((name) => desk.began.findIndex((id) => id.startsWith(name)));
    expect(firsts).toEqual([0, 30, 60]);
  });

  test('with weights all get their share', async () => {
    await fill(60, 'default', 'mail');
    const { desk } = await setUp({ concurrency: 1, queues: { default: { weight: 1 }, mail: { weight: 1 } } });
    await untilBegun(desk, 120);
    const half = desk.began.slice(0, 60).filter((id) => id.startsWith('mail')).length;
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(60);
  });

  test('each have their own bound beside that of the worker', async () => {
    const { desk, client } = await setUp({ queues: { mail: { concurrency: 2 }, default: {} } });
    const letters = await Promise.all([1, 2, 3].map((n) => client.start(Letter, {}, { id: `letter-${n}` })));
    await client.start(Staying, {}, { id: 'plain' });
    await desk.untilBegan('plain');
    await eventually(() => expect(desk.began.filter((id) => id.startsWith('letter')).length).toBe(2));
    const waiting = letters.map(({ id }) => id).find((id) => !desk.began.includes(id)) as string;
    expect(await client.get(waiting)).toMatchObject({ state: 'WAIT' });
    expect((await client.queue('mail').get()).waiting).toBe(1);
    desk.gate(desk.began.find((id) => id.startsWith('letter')) as string).open(undefined);
    await desk.untilBegan(waiting);
  });

  test('may be one alone, with a bound', async () => {
    const { desk, client } = await setUp({ queues: { default: { concurrency: 1 } } });
    for (const id of ['a', 'b', 'c']) await client.start(Staying, {}, { id });
    for (const id of ['a', 'b', 'c']) {
      await desk.untilBegan(id);
      desk.gate(id).open(undefined);
    }
    expect(desk.most).toBe(1);
  });

  test('are heard when any program pushes into them', async () => {
    const { desk } = await setUp({ queues: ['default', 'mail'] });
    await stage().setHash('posted', { task: 'staying', data: '{}' });
    await stage().pushInto('mail', 'posted');
    await desk.untilBegan('posted');
  });

  test('have their delayed tasks begin in time', async () => {
    const { desk, client } = await setUp({ queues: ['default', 'mail'] });
    await client.start(Staying, {}, { id: 'later', queue: 'mail', delay: 100 });
    await desk.untilBegan('later');
  });

  test('give nothing while they are paused, and go on when they are resumed', async () => {
    const { client } = await stage().make({ worker: false });
    await client.queue('mail').pause();
    await client.queue('default').pause();
    const { desk } = await setUp();
    await client.start(Letter, {}, { id: 'letter' });
    await client.start(Staying, {}, { id: 'plain' });
    expect(await client.queues()).toMatchObject([
      { name: 'default', waiting: 1, paused: true },
      { name: 'mail', waiting: 1, paused: true },
    ]);
    await client.queue('mail').resume();
    await desk.untilBegan('letter');
    expect(desk.began).toEqual(['letter']);
    await client.queue('default').resume();
    await desk.untilBegan('plain');
  });

  test('give a worker that waits for a task one more at most when they are paused', async () => {
    const { desk, client } = await setUp({ queues: ['default', 'mail'] });
    // It waits: this one is taken, and then there is none.
    await client.start(Quick, {}, { id: 'first' });
    await untilBegun(desk, 1);
    await client.queue('default').pause();
    for (const nth of [1, 2, 3]) await client.start(Quick, {}, { id: `plain-${nth}` });
    for (const nth of [1, 2]) {
      await client.start(Quick, {}, { id: `letter-${nth}`, queue: 'mail' });
      await eventually(() => expect(desk.began).toContain(`letter-${nth}`));
    }
    expect(desk.began.filter((id) => id.startsWith('plain')).length).toBeLessThanOrEqual(1);
    await client.queue('default').resume();
    await untilBegun(desk, 6);
  });

  test('are drained by the client', async () => {
    const { client } = await setUp({ queues: ['default'] });
    await client.startMany(
      'quick',
      Array.from({ length: 600 }, () => ({})),
      { queue: 'mail' },
    );
    const steps: number[] = [];
    expect(await client.queue('mail').drain({ onProgress: (removed) => void steps.push(removed) })).toBe(600);
    expect(steps.at(-1)).toBe(600);
    const signal = AbortSignal.abort('enough');
    await expect(client.queue('mail').drain({ signal })).rejects.toBe('enough');
    expect(await client.queue('mail').get()).toMatchObject({ waiting: 0 });
  });

  test('are left as they were by a worker that leaves', async () => {
    await fill(20, 'default', 'mail');
    const desk = new Desk();
    const app = await stage().app({
      tasks: [Staying],
      providers: [Desk.provide(desk), { provide: RANDOM, useValue: () => 0.7 }],
      worker: { concurrency: 1, queues: ['default', 'mail'], unknownTaskTimeout: '1h' },
    });
    await app.client.start(Staying, {}, { id: 'runs', priority: 0 });
    await desk.untilBegan('runs');
    await stage().closeApp(app);
    const { client } = await stage().make({ worker: false });
    const sizes = async () => (await client.queues()).map(({ name, waiting, delayed }) => [name, waiting + delayed]);
    await eventually(async () =>
      expect(await sizes()).toEqual([
        ['default', 21],
        ['mail', 20],
      ]),
    );
  });
});

describe('a priority', () => {
  const stage = Stage.use();

  test('of the class or of the start decides what runs first', async () => {
    const desk = new Desk();
    @Task('urgent', { priority: 1 })
    class Urgent extends Quick {}
    const { client } = await stage().make({ worker: false });
    await client.start('quick', {}, { id: 'plain' });
    await client.start('quick', {}, { id: 'low', priority: 9 });
    await client.start(Urgent, {}, { id: 'urgent' });
    await client.start(Urgent, {}, { id: 'most-urgent', priority: 0 });
    await stage().app({ tasks: [Quick, Urgent], providers: [Desk.provide(desk)], worker: { concurrency: 1 } });
    await eventually(() => expect(desk.began).toEqual(['most-urgent', 'urgent', 'plain', 'low']));
  });
});

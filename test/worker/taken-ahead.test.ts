import { Task } from '../../src/decorators/task';
import { EVENT_BUS } from '../../src/events/event-bus';
import { TASK_READER } from '../../src/store/task-reader';
import { TASK_STORE, type TaskStore } from '../../src/store/task-store';
import { TaskContext } from '../../src/task/task-context';
import { faultyStore } from '../../src/testing/faulty-store';
import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

@Task('quick')
class Quick {
  start(_task: TaskContext): string {
    return 'done';
  }
}

describe.each(PLACES)('ids that are taken ahead of free slots, on %s', (place) => {
  const stage = Stage.use(place);
  const ids = Array.from({ length: 300 }, (_, index) => `q${index}`);

  async function setUp(concurrency = 1) {
    const desk = new Desk();
    const store = faultyStore(stage().backend.store as TaskStore);
    const app = await stage().app({
      tasks: [Staying, Quick],
      providers: [
        Desk.provide(desk),
        { provide: TASK_STORE, useValue: store },
        { provide: TASK_READER, useValue: stage().backend.reader },
        { provide: EVENT_BUS, useValue: stage().backend.events },
      ],
      worker: { concurrency },
    });
    return { desk, store, app };
  }

  test('while runs end fast, not every one of them costs a look at the queue', async () => {
    await stage().backend.store.enqueue(
      ids.map((id) => ({ id, name: 'quick', data: '{}', cleanup: true, fresh: true })),
    );
    const { store, app } = await setUp();
    await app.client.result(ids.at(-1) as string, { timeout: '20s' });
    const takes = store.calls.filter(({ verb, side }) => verb === 'take' && side === 'before');
    // Two thirds on an idle machine; a busy one ends runs more slowly, and then less is taken ahead.
    expect(takes.length).toBeLessThan(0.9 * ids.length);
  });

  test('those that have a slot do not go back, however long the store takes to open them', async () => {
    const desk = new Desk();
    const own = faultyStore(stage().backend.store as TaskStore, {
      onCall: ({ verb, side }) => (verb === 'open' && side === 'before' ? { kind: 'delay', ms: 120 } : undefined),
    });
    const few = ids.slice(0, 20);
    await stage().backend.store.enqueue(few.map((id) => ({ id, name: 'staying', data: '{}', cleanup: true })));
    await stage().app({
      tasks: [Staying],
      providers: [
        Desk.provide(desk),
        { provide: TASK_STORE, useValue: own },
        { provide: TASK_READER, useValue: stage().backend.reader },
        { provide: EVENT_BUS, useValue: stage().backend.events },
      ],
      worker: { concurrency: 20 },
    });
    await eventually(() => expect(desk.began).toEqual(few));
    expect(own.calls.map(({ verb }) => verb)).not.toContain('putBack');
  });

  test('they go back for others where the runs before them take their time', async () => {
    const enqueue = (id: string, name: string) =>
      stage().backend.store.enqueue([{ id, name, data: '{}', cleanup: true, fresh: true }]);
    for (const id of ids) await enqueue(id, 'quick');
    await enqueue('slow', 'staying');
    for (let more = 0; more < 20; more++) await enqueue(`after${more}`, 'quick');
    const { desk, app } = await setUp();
    await desk.untilBegan('slow');
    await eventually(async () => expect(await app.client.waiting()).toHaveLength(20), 2_000);
    expect(await app.client.waiting()).toEqual(Array.from({ length: 20 }, (_, more) => `after${more}`));
    const other = await stage().app({ tasks: [Quick] });
    await other.client.result('after19', { timeout: '5s' });
    desk.gate('slow').open('done');
    expect(await app.client.result('slow', { timeout: '5s' })).toBe('done');
  });

  test.each([1, 4, 5, 100])(
    'never more than worker.concurrency, %i, run at a time, and in order',
    async (concurrency) => {
      const desk = new Desk();
      await stage().backend.store.enqueue(ids.map((id) => ({ id, name: 'staying', data: '{}', cleanup: true })));
      const app = await stage().app({ tasks: [Staying], providers: [Desk.provide(desk)], worker: { concurrency } });
      await eventually(() => expect(desk.began.length).toBeGreaterThanOrEqual(concurrency));
      expect(desk.most).toBe(concurrency);
      for (const id of ids) desk.gate(id).open(id);
      await Promise.all(ids.map((id) => app.client.result(id, { timeout: '10s' })));
      expect(desk.most).toBe(concurrency);
      expect(desk.began).toEqual(ids);
    },
  );
});

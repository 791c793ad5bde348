import { Task } from '../../src/decorators/task';
import { TaskContext } from '../../src/task/task-context';
import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

@Task('single', { concurrency: 1 })
class Single {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }
}

describe.each(PLACES)('how many run at a time, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp(concurrency: number) {
    const desk = new Desk();
    const tasks = [Staying, Single];
    const app = await stage().app({ tasks, providers: [Desk.provide(desk)], worker: { concurrency } });
    return { desk, app };
  }

  test('a slot that gets free is given to the next task at once', async () => {
    const { desk, app } = await setUp(1);
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const id of ids) await app.client.start(Staying, {}, { id });
    for (const id of ids) {
      await eventually(() => expect(desk.began.at(-1)).toBe(id), 1_000);
      desk.gate(id).open('done');
    }
  });

  test('no more runs than worker.concurrency, however many wait', async () => {
    const { desk, app } = await setUp(3);
    const ids = Array.from({ length: 12 }, (_, index) => `t${index}`);
    await Promise.all(ids.map((id) => app.client.start(Staying, {}, { id })));
    for (let done = 0; done < ids.length; done++) {
      await eventually(() => expect(desk.began).toHaveLength(Math.min(done + 3, ids.length)), 1_000);
      desk.gate(desk.began[done] as string).open('done');
    }
    expect(desk.most).toBe(3);
    expect(desk.began).toEqual(ids);
  });

  test('runs of a task with a concurrency of its own follow each other in order', async () => {
    const { desk, app } = await setUp(10);
    const ids = ['s1', 's2', 's3', 's4'];
    const handles = [];
    for (const id of ids) handles.push(await app.client.start(Single, {}, { id }));
    for (const id of ids) {
      await desk.untilBegan(id);
      desk.gate(id).open(id);
    }
    await Promise.all(handles.map((handle) => handle.result({ timeout: '5s' })));
    expect(desk.began).toEqual(ids);
    expect(desk.most).toBe(1);
  });

  test('a held task begins when the local run of its class has ended', async () => {
    const { desk, app } = await setUp(10);
    const local = await app.startLocal(Single);
    await eventually(() => expect(desk.began).toHaveLength(1));
    await app.client.start(Single, {}, { id: 'held' });
    await eventually(async () => expect(await app.client.waiting()).toEqual([]));
    desk.gate(desk.began[0] as string).open('done');
    await desk.untilBegan('held');
    expect(local).toBeDefined();
  });

  test('other tasks go on while one is at its concurrency', async () => {
    const { desk, app } = await setUp(10);
    for (const id of ['s1', 's2']) await app.client.start(Single, {}, { id });
    await desk.untilBegan('s1');
    await app.client.start(Staying, {}, { id: 'other' });
    await desk.untilBegan('other');
    expect(desk.began).toEqual(['s1', 'other']);
    expect(await stage().record('s2')).toMatchObject({ state: 'WAIT' });
  });

  test('worker.concurrency holds while held tasks begin', async () => {
    const { desk, app } = await setUp(2);
    for (const id of ['s1', 's2']) await app.client.start(Single, {}, { id });
    await desk.untilBegan('s1');
    for (const id of ['a', 'b', 'c']) await app.client.start(Staying, {}, { id });
    desk.gate('s1').open('done');
    await desk.untilBegan('s2');
    await desk.untilBegan('a');
    for (const id of ['a', 's2']) desk.gate(id).open('done');
    await desk.untilBegan('c');
    expect(desk.most).toBe(2);
  });

  test('a held task that is stopped while it waits never begins', async () => {
    const { desk, app } = await setUp(10);
    for (const id of ['s1', 's2', 's3']) await app.client.start(Single, {}, { id });
    await desk.untilBegan('s1');
    expect(await app.client.stop('s2')).toBe('done');
    desk.gate('s1').open('done');
    await desk.untilBegan('s3');
    expect(desk.began).toEqual(['s1', 's3']);
    expect(await stage().record('s2')).toMatchObject({ state: 'STOPPED' });
  });

  test('a run that was left behind keeps its slot until its code ends', async () => {
    const desk = new Desk();
    @Task('stubborn-single', { concurrency: 1 })
    class StubbornSingle {
      start(task: TaskContext): Promise<unknown> {
        return desk.stay(task, true);
      }
    }
    const app = await stage().app({ tasks: [StubbornSingle], worker: { stopTimeout: 20 } });
    for (const id of ['a', 'b']) await app.client.start(StubbornSingle, {}, { id });
    await desk.untilBegan('a');
    await app.client.stop('a');
    await stage().untilState('a', 'STOPPED');
    await stage().untilLogged('it is left behind');
    expect(desk.began).toEqual(['a']);
    desk.gate('a').open('done');
    await desk.untilBegan('b');
  });
});

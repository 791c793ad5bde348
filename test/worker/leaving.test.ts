import { Task } from '../../src/decorators/task';
import { TaskContext } from '../../src/task/task-context';
import { Desk, Staying, Stubborn } from '../app/desk';
import { PLACES, Stage } from '../app/stage';

@Task('single', { concurrency: 1 })
class Single {
  constructor(private readonly desk: Desk) {}

  start(task: TaskContext): Promise<unknown> {
    return this.desk.stay(task);
  }
}

describe.each(PLACES)('a worker that leaves, on %s', (place) => {
  const stage = Stage.use(place);

  async function begin(worker: { grace?: number; stopTimeout?: number }, ids = ['a'], task = 'staying') {
    const desk = new Desk();
    const tasks = [Staying, Stubborn, Single];
    const app = await stage().app({ tasks, providers: [Desk.provide(desk)], worker });
    for (const id of ids) await app.client.start(task, {}, { id });
    await desk.untilBegan('a');
    return { desk, app };
  }

  test('lets a run end within the grace period', async () => {
    const { desk, app } = await begin({ grace: 10_000 });
    const closing = app.close();
    await stage().untilLogged('Leaving');
    desk.gate('a').open('done');
    await closing;
    expect(await stage().hash('a')).toMatchObject({ state: 'SUCCESS', output: '"done"' });
    expect(await stage().endQueue()).toEqual(['a']);
  });

  test('takes no more tasks meanwhile', async () => {
    const { desk, app } = await begin({ grace: 10_000 });
    const closing = app.close();
    await stage().untilLogged('Leaving');
    await stage().setHash('b', { task: 'staying', data: '{}' });
    await stage().push('b');
    desk.gate('a').open('done');
    await closing;
    expect(desk.began).toEqual(['a']);
    expect(await stage().queue()).toEqual(['b']);
  });

  test('puts a run that outlasts the grace period to the head of the queue', async () => {
    const { app } = await begin({ grace: 20 });
    await stage().setHash('b', { task: 'other', data: '{}' });
    const closing = app.close();
    await stage().untilLogged('Leaving');
    await stage().push('b');
    await closing;
    expect(await stage().queue()).toEqual(['a', 'b']);
    expect(await stage().hash('a')).toMatchObject({ state: 'WAIT' });
    expect(await stage().hash('a')).not.toHaveProperty('output');
  });

  test('leaves a run behind that will not end, and the task in the queue', async () => {
    const { app, desk } = await begin({ grace: 0, stopTimeout: 20 }, ['a'], 'stubborn');
    await app.close();
    expect(await stage().queue()).toEqual(['a']);
    expect(await stage().hash('a')).toMatchObject({ state: 'WAIT' });
    desk.gate('a').open('too late');
    const other = await stage().app({ tasks: [Stubborn], providers: [Desk.provide(desk)] });
    expect(await other.client.result('a', { timeout: '5s' })).toBe('too late');
    expect(await stage().record('a')).toMatchObject({ attempt: 2 });
  });

  test('gives back what it had taken and not begun, in its order', async () => {
    const { app, desk } = await begin({ grace: 0 }, ['a', 'b', 'c'], 'single');
    await app.client.start(Staying, {}, { id: 'd' });
    await desk.untilBegan('d');
    desk.gate('d').open('done');
    await app.client.result('d', { timeout: '5s' });
    await app.close();
    expect(await stage().queue()).toEqual(['a', 'b', 'c']);
    expect(desk.began).toEqual(['a', 'd']);
  });

  test('begins nothing of what it holds while its runs end in the grace period', async () => {
    const { app, desk } = await begin({ grace: 10_000 }, ['a', 'b'], 'single');
    await app.client.start(Staying, {}, { id: 'd' });
    await desk.untilBegan('d');
    const closing = app.close();
    await stage().untilLogged('Leaving');
    for (const id of ['a', 'd']) desk.gate(id).open('done');
    await closing;
    expect(desk.began).toEqual(['a', 'd']);
    expect(await stage().queue()).toEqual(['b']);
    expect(await stage().record('b')).toMatchObject({ state: 'WAIT' });
  });

  test('begins no run after it has left, though a reload was under way', async () => {
    const { desk, app } = await begin({ grace: 0, stopTimeout: 200 }, ['a'], 'stubborn');
    await app.client.reload('a');
    await app.close();
    expect(await stage().hash('a')).toMatchObject({ state: 'WAIT' });
    expect(await stage().queue()).toEqual(['a']);
    const begun = desk.began.length;
    await stage().app({ tasks: [] });
    expect(desk.began).toHaveLength(begun);
  });

  test('honours a stop whose message was lost', async () => {
    const { app } = await begin({ grace: 0 });
    await stage().setHash('a', { control: 'stop' });
    await app.close();
    expect(await stage().hash('a')).toMatchObject({ state: 'STOPPED' });
    expect(await stage().queue()).toEqual([]);
  });

  test('many runs go back, all of them, and another worker ends each once', async () => {
    const ids = ['a', ...Array.from({ length: 60 }, (_, index) => `t${index}`)];
    const { app, desk } = await begin({ grace: 0 }, ids);
    await Promise.all(ids.map((id) => desk.untilBegan(id)));
    await app.close();
    expect([...(await stage().queue())].sort()).toEqual([...ids].sort());
    for (const id of ids) desk.gate(id).open('done');
    const other = await stage().app({ tasks: [Staying], providers: [Desk.provide(desk)] });
    await Promise.all(ids.map((id) => other.client.result(id, { timeout: '10s' })));
    await Promise.all(ids.map((id) => desk.untilBegan(id, 2)));
  });
});

describe('the times of leaving', () => {
  const stage = Stage.use('memory', 'manual');

  test('are the grace period, then the stop timeout, and nothing is left behind on the clock', async () => {
    const desk = new Desk();
    const app = await stage().app({
      tasks: [Stubborn],
      providers: [Desk.provide(desk)],
      worker: { grace: '10s', stopTimeout: '5s' },
      monitor: {},
      cleanup: {},
    });
    await app.client.start(Stubborn, {}, { id: 'a' });
    await desk.untilBegan('a');
    let closed = false;
    const closing = app.close().then(() => {
      closed = true;
    });
    await stage().clock.advance(9_999);
    expect(await stage().record('a')).toMatchObject({ state: 'RUNNING' });
    await stage().clock.advance(4_999);
    expect(closed).toBe(false);
    await stage().clock.advance(10);
    await closing;
    expect(await stage().record('a')).toMatchObject({ state: 'WAIT' });
    expect(stage().clock.timerCount).toBe(0);
  });
});

import type { App } from '../../src/app/app';
import { Injectable } from '../../src/decorators/injection';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { DeclarationError, TaskError } from '../../src/errors';
import { EVENT_BUS, type EventBus } from '../../src/events/event-bus';
import { TASK_READER, type TaskReader } from '../../src/store/task-reader';
import { encodeEvent, TaskEvent } from '../../src/task/event';
import { TaskContext } from '../../src/task/task-context';
import { Desk, Gate } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

@Task('probe')
class Probe {
  constructor(private readonly desk: Desk) {}

  async start(task: TaskContext): Promise<string> {
    await this.desk.stay(task);
    for (let n = 1; n <= 5; n++) await task.emit('count', n);
    return 'done';
  }
}

@Task('other')
class Other {
  start(): never {
    throw new TaskError('expected');
  }
}

@Injectable()
class Listener {
  constructor(private readonly desk: Desk) {}

  @OnEvent('probe:success')
  onProbeSuccess(event: TaskEvent): void {
    this.desk.notes.push(['probe:success', event.taskName, event.data]);
  }

  @OnEvent('probe:*')
  onProbe(event: TaskEvent): void {
    this.desk.notes.push(['probe:*', event.event, event.data]);
  }

  @OnEvent('*:error')
  async onError(event: TaskEvent): Promise<void> {
    this.desk.notes.push(['*:error', event.taskName, event.data]);
  }

  @OnEvent('*')
  onAny(event: TaskEvent): void {
    if (event.event === 'count' && event.data === 3) throw new RangeError('of the listener');
    this.desk.notes.push(['*', event.taskId, event.event]);
  }
}

describe.each(PLACES)('listeners, on %s', (place) => {
  const stage = Stage.use(place);
  let desk: Desk;
  let worker: App;

  beforeEach(async () => {
    desk = new Desk();
    worker = await stage().app({ tasks: [Probe, Other], providers: [Desk.provide(desk)] });
  });

  function listen(): Promise<App> {
    return stage().app({ listeners: [Listener], providers: [Desk.provide(desk)] });
  }

  function notesOf(pattern: string): unknown[] {
    return desk.notes.filter((note) => (note as unknown[])[0] === pattern);
  }

  test('hear the events of another app, each hook its own, in order', async () => {
    await listen();
    await worker.client.start(Probe, {}, { id: 'a' });
    desk.gate('a').open(undefined);
    await worker.client.start(Other, {}, { id: 'b' });
    await eventually(() => expect(notesOf('probe:success')).toEqual([['probe:success', 'probe', 'done']]));
    await eventually(() => expect(notesOf('*:error')).toEqual([['*:error', 'other', 'expected']]));
    const counts = [1, 2, 3, 4, 5].map((n) => ['probe:*', 'count', n]);
    expect(notesOf('probe:*').slice(1)).toEqual([...counts, ['probe:*', 'success', 'done']]);
  });

  test('hear the rest of a task that began before they listened, with its name, in order', async () => {
    await worker.client.start(Probe, {}, { id: 'a' });
    await desk.untilBegan('a');
    await listen();
    desk.gate('a').open(undefined);
    const counts = [1, 2, 3, 4, 5].map((n) => ['probe:*', 'count', n]);
    await eventually(() => expect(notesOf('probe:*')).toEqual([...counts, ['probe:*', 'success', 'done']]));
  });

  test('hear events of a foreign program, such as pytask', async () => {
    await listen();
    const { keys, raw } = stage().backend;
    await stage().setHash('p', { task: 'probe', state: 'RUNNING' });
    await raw.publish(keys.task('p'), '{"event": "text", "data": "hello"}');
    await raw.publish(keys.task('p'), 'no event');
    await raw.publish(keys.task('p'), encodeEvent('text', 'again'));
    const expected = ['hello', 'again'].map((data) => ['probe:*', 'text', data]);
    await eventually(() => expect(notesOf('probe:*')).toEqual(expected));
  });

  test('of every task hear an event of a task that has no hash', async () => {
    await listen();
    const { keys, raw } = stage().backend;
    await raw.publish(keys.task('ghost'), encodeEvent('text', null));
    await eventually(() => expect(desk.notes).toEqual([['*', 'ghost', 'text']]));
  });

  test('that throw are logged, and the others are called', async () => {
    await listen();
    await worker.client.start(Probe, {}, { id: 'a' });
    desk.gate('a').open(undefined);
    await eventually(() => expect(notesOf('probe:success')).toHaveLength(1));
    const { fields } = await stage().untilLogged('Hook Listener.onAny threw');
    expect(fields).toMatchObject({ err: expect.any(RangeError), taskId: 'a', event: 'count' });
    expect(notesOf('probe:*')).toHaveLength(7);
  });

  test('hear nothing after the app closed', async () => {
    const app = await listen();
    await app.close();
    await worker.client.start(Other, {}, { id: 'b' });
    await stage().untilState('b', 'ERROR');
    expect(desk.notes).toEqual([]);
  });

  test('hear the stop and the removal of a task that waits', async () => {
    await listen();
    await worker.close();
    const { client } = await stage().app();
    await client.start('probe', {}, { id: 'a' });
    await client.stop('a');
    await eventually(() => expect(notesOf('probe:*')).toEqual([['probe:*', 'stop', null]]));
    await client.remove('a');
    await eventually(() => expect(notesOf('*').at(-1)).toEqual(['*', 'a', 'remove']));
  });
});

describe('listeners', () => {
  const stage = Stage.use();

  test('hear events in their order while a name is being looked up', async () => {
    const desk = new Desk();
    const app = await stage().app({ listeners: [Listener], providers: [Desk.provide(desk)] });
    const reader = app.get<TaskReader>(TASK_READER);
    const get = reader.get.bind(reader);
    let lookUps = 0;
    reader.get = async (ids) => {
      lookUps += 1;
      await desk.gate('look-up').passed;
      return get(ids);
    };
    await stage().setHash('a', { task: 'probe', state: 'RUNNING' });
    const { keys, raw } = stage().backend;
    for (const data of [1, 2, 4]) await raw.publish(keys.task('a'), encodeEvent('count', data));
    await eventually(() => expect(lookUps).toBe(1));
    desk.gate('look-up').open(undefined);
    const expected = [1, 2, 4].map((data) => ['probe:*', 'count', data]);
    await eventually(() => expect(desk.notes.filter((note) => (note as unknown[])[0] === 'probe:*')).toEqual(expected));
    expect(lookUps).toBe(1);
  });

  test('of every task hear an event whose name cannot be looked up', async () => {
    const desk = new Desk();
    const app = await stage().app({ listeners: [Listener], providers: [Desk.provide(desk)] });
    const reader = app.get<TaskReader>(TASK_READER);
    reader.get = () => Promise.reject(new RangeError('no reader'));
    const { keys, raw } = stage().backend;
    await raw.publish(keys.task('a'), encodeEvent('text', null));
    await eventually(() => expect(desk.notes).toEqual([['*', 'a', 'text']]));
    await stage().untilLogged('could not be looked up');
  });

  test('are waited for when the app closes', async () => {
    const desk = new Desk();
    const begun = new Gate();
    class Slow {
      @OnEvent('*')
      async onAny(): Promise<void> {
        desk.notes.push('begun');
        begun.open();
        for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
        desk.notes.push('ended');
      }
    }
    const app = await stage().app({ listeners: [Slow] });
    await stage().backend.raw.publish(stage().backend.keys.task('a'), encodeEvent('text', null));
    await begun.passed;
    await app.close();
    expect(desk.notes).toEqual(['begun', 'ended']);
  });

  test('no app without listeners subscribes to all events', async () => {
    const app = await stage().make();
    const bus = app.get<EventBus>(EVENT_BUS);
    const onEvery = jest.spyOn(bus, 'onEvery');
    await app.start();
    expect(onEvery).not.toHaveBeenCalled();
    onEvery.mockRestore();
  });

  test.each<[what: string, listener: unknown]>([
    ['a class without hooks', class {}],
    ['no class', {}],
    ['undefined', undefined],
  ])('%s is refused', async (_what, listener) => {
    await expect(stage().app({ listeners: [listener as never] })).rejects.toBeInstanceOf(DeclarationError);
  });
});

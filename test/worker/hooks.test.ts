import { IsInt } from 'class-validator';
import { Input } from '../../src/decorators/input';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { TaskError } from '../../src/errors';
import type { Default } from '../../src/task/default';
import { TaskEvent } from '../../src/task/event';
import { TaskContext } from '../../src/task/task-context';
import { Desk } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

class HookedInput {
  @IsInt() mode: Default<number> = 0;
}

@Task('hooked')
class Hooked {
  @Input(HookedInput) input!: HookedInput;

  constructor(private readonly desk: Desk) {}

  async start(task: TaskContext): Promise<unknown> {
    if (this.input.mode === 1) throw new TaskError('expected');
    if (this.input.mode === 2) throw new Error('boom');
    await task.emit('probed', 1);
    await task.progress(0.5);
    return this.input.mode === 3 ? this.desk.stay(task) : 'done';
  }

  @OnEvent('*')
  onAny(event: TaskEvent): void {
    this.desk.notes.push(event);
  }

  dispose(): void {
    this.desk.notes.push('disposed');
  }
}

@Task('throwing')
class Throwing {
  start(task: TaskContext): Promise<void> {
    return task.emit('probed');
  }

  @OnEvent('probed')
  onProbed(): void {
    throw new RangeError('of the hook');
  }

  @OnEvent('success')
  async onSuccess(): Promise<void> {
    throw new RangeError('of the final hook');
  }
}

@Task('slow-hook')
class SlowHook {
  constructor(private readonly desk: Desk) {}

  start(): string {
    return 'done';
  }

  @OnEvent('success')
  async onSuccess(): Promise<void> {
    await this.desk.gate('hook').passed;
    this.desk.notes.push('hook ended');
  }

  dispose(): void {
    this.desk.notes.push('disposed');
  }
}

describe.each(PLACES)('hooks of a task class, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp() {
    const desk = new Desk();
    const published: TaskEvent[] = [];
    await stage().backend.events.onEvery((event) => published.push(event));
    const tasks = [Hooked, Throwing, SlowHook];
    const app = await stage().app({ tasks, providers: [Desk.provide(desk)] });
    const heard = () => desk.notes.map((note) => (note instanceof TaskEvent ? note.event : note));
    return { desk, client: app.client, heard, published };
  }

  test('hear the events of their own run, its end included, before the instance is disposed', async () => {
    const { client, heard } = await setUp();
    await client.start(Hooked, {}, { id: 'a' });
    await eventually(() => expect(heard()).toEqual(['start', 'probed', 'progress', 'success', 'disposed']));
  });

  test('are told what was published: the same event with the same data, and the name of the task', async () => {
    const { client, desk, heard, published } = await setUp();
    await client.start(Hooked, {}, { id: 'a' });
    await eventually(() => expect(heard()).toContain('disposed'));
    const told = desk.notes.filter((note): note is TaskEvent => note instanceof TaskEvent);
    await eventually(() => expect(published).toHaveLength(4));
    expect(told.every(({ taskName, taskId }) => taskName === 'hooked' && taskId === 'a')).toBe(true);
    expect(told.map(({ event, data }) => [event, data])).toEqual(published.map(({ event, data }) => [event, data]));
  });

  test.each([
    [1, 'error'],
    [2, 'exception'],
  ])('hear the end of a run that fails (%d: %s)', async (mode, event) => {
    const { client, heard } = await setUp();
    await client.start(Hooked, { mode }, { id: 'a' });
    await eventually(() => expect(heard()).toEqual(['start', event, 'disposed']));
  });

  test('hear stop', async () => {
    const { client, heard, desk } = await setUp();
    await client.start(Hooked, { mode: 3 }, { id: 'a' });
    await desk.untilBegan('a');
    await client.stop('a');
    await eventually(() => expect(heard()).toEqual(['start', 'probed', 'progress', 'stop', 'disposed']));
  });

  test('hear remove, and not stop, where that is what was published', async () => {
    const { client, heard, desk } = await setUp();
    await client.start(Hooked, { mode: 3 }, { id: 'a' });
    await desk.untilBegan('a');
    await client.remove('a');
    await eventually(() => expect(heard()).toContain('disposed'));
    expect(heard()).toEqual(['start', 'probed', 'progress', 'remove', 'disposed']);
  });

  test('hear reload-rejected, with the violations', async () => {
    const { client, desk } = await setUp();
    await client.start(Hooked, { mode: 3 }, { id: 'a' });
    await desk.untilBegan('a');
    await stage().setHash('a', { data: '{"mode":"x"}' });
    await client.reload('a');
    const data = { violations: [expect.objectContaining({ path: 'mode' })] };
    await eventually(() =>
      expect(desk.notes).toContainEqual(expect.objectContaining({ event: 'reload-rejected', data })),
    );
  });

  test('find the input in its property from the first event on', async () => {
    const { desk, client } = await setUp();
    @Task('peeking')
    class Peeking {
      @Input(HookedInput) input!: HookedInput;

      start(): void {}

      @OnEvent('start')
      onStart(): void {
        desk.notes.push(this.input);
      }
    }
    await stage().app({ tasks: [Peeking] });
    await client.start('peeking', {});
    await eventually(() => expect(desk.notes).toEqual([{ mode: 0 }]));
  });

  test('that throw are logged, and change nothing', async () => {
    const { client } = await setUp();
    const handle = await client.start(Throwing, {}, { id: 'a' });
    expect(await handle.result({ timeout: '5s' })).toBeNull();
    await stage().untilLogged('Hook Throwing.onSuccess threw');
    const { level, fields } = await stage().untilLogged('Hook Throwing.onProbed threw');
    expect({ level, fields }).toMatchObject({
      level: 'error',
      fields: { err: expect.any(RangeError), taskId: 'a', event: 'probed' },
    });
  });

  test('of the end may take their time: the instance is disposed after them', async () => {
    const { client, desk } = await setUp();
    const handle = await client.start(SlowHook, {}, { id: 'a' });
    expect(await handle.result({ timeout: '5s' })).toBe('done');
    expect(desk.notes).toEqual([]);
    desk.gate('hook').open(undefined);
    await eventually(() => expect(desk.notes).toEqual(['hook ended', 'disposed']));
  });
});

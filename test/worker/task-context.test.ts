import { IsInt, IsString, Min } from 'class-validator';
import { Inject } from '../../src/decorators/injection';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { JsonValueError, TaskAbortedError } from '../../src/errors';
import type { Default } from '../../src/task/default';
import type { TaskEvent } from '../../src/task/event';
import { TaskContext } from '../../src/task/task-context';
import { Gate } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';

const CODE = Symbol('what the task does');

class ActInput {
  @IsString() text!: string;
  @IsInt() @Min(1) times: Default<number> = 3;
}

@Task('act')
class Act {
  constructor(@Inject(CODE) private readonly code: (task: TaskContext, input: ActInput) => unknown) {}

  start(@Input(ActInput) input: ActInput, task: TaskContext): unknown {
    return this.code(task, input);
  }
}

describe.each(PLACES)('the context of a run, on %s', (place) => {
  const stage = Stage.use(place);

  /** Starts task `a`, and resolves with its context when it has begun; it ends with `gate`. */
  async function begin() {
    const [begun, gate] = [new Gate<TaskContext>(), new Gate()];
    const code = async (task: TaskContext) => {
      begun.open(task);
      await gate.passed;
    };
    const app = await stage().app({ tasks: [Act], providers: [{ provide: CODE, useValue: code }] });
    const heard: TaskEvent[] = [];
    await stage().backend.events.onTask('a', (event) => heard.push(event));
    await app.client.start(Act, { text: 'hello' }, { id: 'a' });
    return { task: await begun.passed, gate, heard, app };
  }

  test('tells id, name, attempt, and that it is not local', async () => {
    const { task, gate } = await begin();
    expect(task).toMatchObject({ id: 'a', name: 'act', attempt: 1, local: false });
    gate.open();
  });

  test('holds the same input as start receives: an instance, with defaults in place', async () => {
    const given = new Gate<[TaskContext, ActInput]>();
    const code = (...args: [TaskContext, ActInput]) => given.open(args);
    const app = await stage().app({ tasks: [Act], providers: [{ provide: CODE, useValue: code }] });
    await app.client.start(Act, { text: 'hello' });
    const [task, input] = await given.passed;
    expect(input).toBeInstanceOf(ActInput);
    expect(input).toEqual({ text: 'hello', times: 3 });
    expect(task.input).toBe(input);
  });

  test('emits events with their data, in order, with null where none is given', async () => {
    const { task, heard, gate } = await begin();
    await task.emit('probed', { status: 200 });
    await task.emit('idle');
    gate.open();
    await eventually(() => expect(heard.map(({ event }) => event)).toEqual(['start', 'probed', 'idle', 'success']));
    expect(heard.slice(1, 3).map(({ data }) => data)).toEqual([{ status: 200 }, null]);
  });

  test('stores progress in the record, and publishes it', async () => {
    const { task, heard, gate } = await begin();
    await task.progress({ done: 1, of: 2 });
    expect(await stage().record('a')).toMatchObject({ progress: '{"done":1,"of":2}' });
    await task.progress(1);
    expect(await stage().record('a')).toMatchObject({ progress: '1' });
    gate.open();
    await eventually(() => expect(heard.at(-1)?.event).toBe('success'));
    expect(heard.filter(({ event }) => event === 'progress').map(({ data }) => data)).toEqual([{ done: 1, of: 2 }, 1]);
  });

  test.each(['emit', 'progress'] as const)('%s of what cannot be JSON rejects, and the run goes on', async (method) => {
    const { task, gate } = await begin();
    for (const value of [1n, () => {}, Symbol('s')]) {
      const call = method === 'emit' ? task.emit('e', value) : task.progress(value);
      await expect(call).rejects.toBeInstanceOf(JsonValueError);
    }
    gate.open();
    await stage().untilState('a', 'SUCCESS');
  });

  test('a heartbeat writes last_update', async () => {
    const { task, gate } = await begin();
    await stage().setHash('a', { last_update: '1.000000000' });
    await task.heartbeat();
    expect((await stage().record('a'))?.lastUpdateSeconds).toBeGreaterThan(1);
    gate.open();
  });

  test.each(['emit', 'progress', 'heartbeat'] as const)(
    '%s of a run whose lease is lost rejects, and aborts the signal',
    async (method) => {
      const { task, gate } = await begin();
      await stage().setHash('a', { lease: 'of another run' });
      const call = method === 'emit' ? task.emit('e') : method === 'progress' ? task.progress(1) : task.heartbeat();
      await expect(call).rejects.toBeInstanceOf(TaskAbortedError);
      expect(task.signal.reason).toMatchObject({ reason: 'lease-lost', taskId: 'a' });
      gate.open();
    },
  );

  test('a signal that is first asked for after the stop is aborted already', async () => {
    const { task, app, gate } = await begin();
    await app.client.stop('a');
    await eventually(() => expect(task.signal.aborted).toBe(true));
    expect(task.signal.reason).toBeInstanceOf(TaskAbortedError);
    expect(task.signal.reason).toMatchObject({ reason: 'stopped' });
    gate.open();
  });

  test('a run that is asked to stop may still emit', async () => {
    const { task, app, gate, heard } = await begin();
    await app.client.stop('a');
    await eventually(() => expect(task.signal.aborted).toBe(true));
    await task.emit('last-words');
    gate.open();
    await stage().untilState('a', 'STOPPED');
    await eventually(() => expect(heard.map(({ event }) => event)).toEqual(['start', 'last-words', 'stop']));
  });

  test('its log lines carry id, name and attempt', async () => {
    const { task, gate } = await begin();
    task.log.info({ found: 3 }, 'Something found');
    expect((await stage().untilLogged('Something found')).fields).toEqual({
      task: 'act',
      taskId: 'a',
      attempt: 1,
      found: 3,
    });
    gate.open();
  });

  test('an event of the name of an end does not end the task for those who wait for its result', async () => {
    const { task, app, gate } = await begin();
    const result = app.client.result('a', { timeout: '10s' });
    await task.emit('success', 'a lie');
    gate.open();
    expect(await result).toBeNull();
  });
});

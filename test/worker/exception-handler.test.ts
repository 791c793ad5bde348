import { IsInt } from 'class-validator';
import type { App } from '../../src/app/app';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { InputError, JsonValueError, TaskError, UnknownTaskError } from '../../src/errors';
import { TaskContext } from '../../src/task/task-context';
import type { ExceptionHandler } from '../../src/worker/exception-handler';
import { Desk, Gate } from '../app/desk';
import { Stage } from '../app/stage';

class Boom extends Error {
  readonly detail = 42;
}
const BOOM = new Boom('boom');

class CountInput {
  @IsInt() count!: number;
}

@Task('counting')
class Counting {
  start(@Input(CountInput) { count }: CountInput): unknown {
    if (count === 0) throw BOOM;
    if (count === 1) throw new TaskError('expected');
    return 1n;
  }
}

describe('onException', () => {
  const stage = Stage.use();
  const handler = jest.fn<unknown, Parameters<ExceptionHandler>>();
  let app: App;

  beforeEach(async () => {
    handler.mockReset();
    app = await stage().app({ tasks: [Counting], onException: handler, worker: { unknownTaskTimeout: 0 } });
  });

  test('gets the error itself, with the run in which it was thrown', async () => {
    await app.client.start(Counting, { count: 0 }, { id: 'a' });
    await stage().untilState('a', 'EXCEPTION');
    expect(handler.mock.calls).toEqual([
      [BOOM, { taskId: 'a', taskName: 'counting', attempt: 1, data: '{"count":0}' }],
    ]);
    expect(handler.mock.calls[0]?.[0]).toBe(BOOM);
  });

  test('is not called for a TaskError', async () => {
    await app.client.start(Counting, { count: 1 }, { id: 'a' });
    await stage().untilState('a', 'ERROR');
    await app.client.start(Counting, { count: 0 }, { id: 'b' });
    await stage().untilState('b', 'EXCEPTION');
    expect(handler.mock.calls.map(([, { taskId }]) => taskId)).toEqual(['b']);
  });

  test('gets what is wrong with an output that cannot be JSON', async () => {
    await app.client.start(Counting, { count: 2 }, { id: 'a' });
    await stage().untilState('a', 'EXCEPTION');
    expect(handler).toHaveBeenCalledWith(expect.any(JsonValueError), expect.objectContaining({ taskId: 'a' }));
  });

  test('gets a bad input that was written by hand', async () => {
    await stage().setHash('a', { task: 'counting', data: '{"count":"many"}' });
    await stage().push('a');
    await stage().untilState('a', 'EXCEPTION');
    expect(handler).toHaveBeenCalledWith(expect.any(InputError), {
      taskId: 'a',
      taskName: 'counting',
      attempt: 1,
      data: '{"count":"many"}',
    });
  });

  test('gets a name that no worker knows', async () => {
    await app.client.start('nobody', {}, { id: 'a' });
    await stage().untilState('a', 'EXCEPTION');
    expect(handler).toHaveBeenCalledWith(
      expect.any(UnknownTaskError),
      expect.objectContaining({ taskId: 'a', taskName: 'nobody' }),
    );
  });

  test('gets a hash without a name, and is told that it has none', async () => {
    await stage().setHash('a', { data: '{}' });
    await stage().push('a');
    await stage().untilState('a', 'EXCEPTION');
    expect(handler).toHaveBeenCalledWith(
      expect.any(UnknownTaskError),
      expect.objectContaining({ taskName: undefined }),
    );
  });

  test('may throw: that is logged, and the task ends all the same', async () => {
    const ofHandler = new RangeError('of the handler');
    handler.mockImplementation(() => {
      throw ofHandler;
    });
    const handle = await app.client.start(Counting, { count: 0 }, { id: 'a' });
    await expect(handle.result({ timeout: '5s' })).rejects.toThrow('boom');
    expect((await stage().untilLogged('onException')).fields).toMatchObject({ err: ofHandler, taskId: 'a' });
  });

  test('may reject: that is logged, and the task ends all the same', async () => {
    handler.mockImplementation(() => Promise.reject(new RangeError('of the handler')));
    const handle = await app.client.start(Counting, { count: 0 });
    await expect(handle.result({ timeout: '5s' })).rejects.toThrow('boom');
    await stage().untilLogged('onException');
  });

  test('is not called for what a stopped run throws on its way out', async () => {
    @Task('rejecting')
    class Rejecting {
      constructor(private readonly desk: Desk) {}

      async start(task: TaskContext): Promise<void> {
        await this.desk.stay(task);
        throw new Error('on the way out');
      }
    }
    const desk = new Desk();
    const other = await stage().app({
      tasks: [Rejecting],
      providers: [Desk.provide(desk)],
      onException: handler,
    });
    await app.close();
    await other.client.start(Rejecting, {}, { id: 'a' });
    await desk.untilBegan('a');
    await other.client.stop('a');
    await stage().untilState('a', 'STOPPED');
    expect(handler).not.toHaveBeenCalled();
  });
});

describe('closing an app', () => {
  const stage = Stage.use();

  test('waits for an onException that is under way, such as a report being sent', async () => {
    const called = new Gate();
    let sent = false;
    const app = await stage().app({
      tasks: [Counting],
      onException: async () => {
        called.open();
        await turns(50);
        sent = true;
      },
      worker: { stopTimeout: '5s' },
    });
    await app.client.start(Counting, { count: 0 });
    await called.passed;
    await app.close();
    expect(sent).toBe(true);
  });
});

/** Of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

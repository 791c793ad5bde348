import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { TaskError } from '../../src/errors';
import type { Failure, RetryBackoff } from '../../src/metadata/retry-options';
import type { TaskOptions } from '../../src/metadata/task-options';
import { RANDOM } from '../../src/random';
import { TaskEvent } from '../../src/task/event';
import { RetryError } from '../../src/task/retry-error';
import { TaskContext } from '../../src/task/task-context';
import { Desk } from '../app/desk';
import { PLACES, Stage } from '../app/stage';

/** What the runs of a test throw, one after the other; then they succeed. */
let throws: unknown[] = [];

function retried(name: string, options: TaskOptions) {
  @Task(name, options)
  class Retried {
    constructor(private readonly desk: Desk) {}

    start(task: TaskContext): string {
      this.desk.began.push(`${task.id}:${task.attempt}`);
      if (throws.length > 0) throw throws.shift();
      return 'done';
    }

    @OnEvent('retry')
    onRetry(event: TaskEvent): void {
      this.desk.notes.push(event.data);
    }
  }
  return Retried;
}

class OwnBackoff implements RetryBackoff {
  constructor(private readonly desk: Desk) {}

  delayMs({ failures, error }: Failure): number {
    this.desk.notes.push([failures, (error as Error).message]);
    return failures * 10;
  }
}
// A class of its own would be decorated by its user.
Reflect.defineMetadata('design:paramtypes', [Desk], OwnBackoff);

const Thrice = retried('thrice', { retry: { attempts: 3, delay: 20, jitter: 0 } });
const Fixed = retried('fixed', { retry: { attempts: 4, backoff: 'fixed', delay: 15, jitter: 0 } });
const Bounded = retried('bounded', { retry: { attempts: 5, delay: 20, maxDelay: 30, jitter: 0 } });
const Jittered = retried('jittered', { retry: { attempts: 2, delay: 100, jitter: 0.5 } });
const Own = retried('own', { retry: { attempts: 3, backoff: OwnBackoff, jitter: 0 } });
const Plain = retried('plain', {});

describe.each(PLACES)('retries, on %s', (place) => {
  const stage = Stage.use(place);

  async function setUp() {
    const desk = new Desk();
    const app = await stage().app({
      tasks: [Thrice, Fixed, Bounded, Jittered, Own, Plain],
      providers: [Desk.provide(desk), { provide: RANDOM, useValue: () => 0.5 }],
    });
    const end = async (task: Parameters<typeof app.client.start>[0], ...errors: unknown[]) => {
      throws = errors;
      const handle = await app.client.start(task as never, {}, { id: 'a' });
      return handle.result({ timeout: '10s' }).then(
        (value) => value,
        (error: { state: string; output: string }) => `${error.state} ${error.output.split('\n')[0]}`,
      );
    };
    return { app, desk, end };
  }
  const delays = (desk: Desk) => desk.notes.map((note) => (note as { delayMs: number }).delayMs);

  test('a task that failed is run again, and may succeed', async () => {
    const { desk, end, app } = await setUp();
    expect(await end(Thrice, new Error('one'), new Error('two'))).toBe('done');
    expect(desk.began).toEqual(['a:1', 'a:2', 'a:3']);
    expect(await app.client.get('a')).toMatchObject({ state: 'SUCCESS', attempt: 3, failures: 2, dueMs: undefined });
    expect((await app.client.get('a'))?.errors.map((error) => error.split('\n')[0])).toEqual([
      'Error: one',
      'Error: two',
    ]);
  });

  test('after its last attempt it ends with the last error', async () => {
    const { desk, end } = await setUp();
    const errors = ['one', 'two', 'three', 'four'].map((text) => new Error(text));
    expect(await end(Thrice, ...errors)).toBe('EXCEPTION Error: three');
    expect(desk.began).toHaveLength(3);
  });

  test('the delay doubles each time, as far as maxDelay', async () => {
    const { desk, end } = await setUp();
    await end(Thrice, new Error('1'), new Error('2'));
    expect(delays(desk)).toEqual([20, 40]);
    desk.notes.length = 0;
    await end(Bounded, new Error('1'), new Error('2'), new Error('3'));
    expect(delays(desk)).toEqual([20, 30, 30]);
  });

  test('or stays the same, or is left to chance in part, or to a class that services are injected into', async () => {
    const { desk, end } = await setUp();
    await end(Fixed, new Error('1'), new Error('2'), new Error('3'));
    expect(delays(desk)).toEqual([15, 15, 15]);
    desk.notes.length = 0;
    await end(Jittered, new Error('1'));
    expect(delays(desk)).toEqual([75]);
    desk.notes.length = 0;
    await end(Own, new Error('1'), new Error('2'));
    expect(desk.notes).toEqual([
      [1, '1'],
      expect.objectContaining({ failures: 1, delayMs: 10 }),
      [2, '2'],
      expect.objectContaining({ failures: 2, delayMs: 20 }),
    ]);
  });

  test('an expected failure is not retried, unless it says that it may be', async () => {
    const { desk, end } = await setUp();
    expect(await end(Thrice, new TaskError('gone'))).toBe('ERROR gone');
    expect(desk.began).toEqual(['a:1']);
    expect(await end(Thrice, new TaskError('busy', { retryable: true }))).toBe('done');
    expect(desk.began).toEqual(['a:1', 'a:1', 'a:2']);
  });

  test('a RetryError is retried after its own delay, however often, and whatever the class says', async () => {
    const { desk, end } = await setUp();
    const later = () => new RetryError('not yet', { delay: 5 });
    expect(await end(Plain, later(), later(), later(), later())).toBe('done');
    expect(delays(desk)).toEqual([5, 5, 5, 5]);
    expect(await end(Plain, new Error('no retry here'))).toBe('EXCEPTION Error: no retry here');
  });

  test('input that is not valid is not retried', async () => {
    const { app, desk } = await setUp();
    await stage().backend.store.enqueue([{ id: 'a', name: 'thrice', data: '[1', cleanup: true }]);
    await expect(app.client.result('a', { timeout: '5s' })).rejects.toMatchObject({ state: 'EXCEPTION' });
    expect(desk.notes).toEqual([]);
  });

  test('onException hears of every failure, and the event exception is that of the last', async () => {
    const desk = new Desk();
    const heard: number[] = [];
    const app = await stage().app({
      tasks: [Thrice],
      providers: [Desk.provide(desk)],
      onException: (_error, { attempt }) => heard.push(attempt),
    });
    throws = [new Error('1'), new Error('2'), new Error('3')];
    await expect((await app.client.start(Thrice, {})).result({ timeout: '10s' })).rejects.toThrow();
    expect(heard).toEqual([1, 2, 3]);
  });
});

describe('options of retry that cannot be', () => {
  test.each<[unknown, string]>([
    [5, 'retry must be an object, such as { attempts: 5 }'],
    [{}, 'retry.attempts is undefined; it must be a whole number, 1 or more'],
    [{ attempts: 0 }, 'retry.attempts is 0; it must be a whole number, 1 or more'],
    [{ attempts: 2, backoff: 'linear' }, `retry.backoff is "linear"; it must be 'fixed', 'exponential' or a class`],
    [{ attempts: 2, delay: 'soon' }, `retry.delay is "soon"; it must be milliseconds or a text such as '30s'`],
    [{ attempts: 2, maxDelay: -1 }, `retry.maxDelay is -1; it must be milliseconds or a text such as '1h'`],
    [{ attempts: 2, jitter: 2 }, 'retry.jitter is 2; it must be a number from 0 to 1'],
    [{ attempts: Number.NaN }, 'retry.attempts is NaN; it must be a whole number'],
    [{ attempts: 5n }, 'retry.attempts is 5n; it must be a whole number'],
    [{ attempts: 2, delay: Number.NaN }, 'retry.delay is NaN; it must be milliseconds'],
    [{ attempts: 2, delay: 5n }, 'retry.delay is 5n; it must be milliseconds'],
    [{ attempts: 2, maxDelay: Number.POSITIVE_INFINITY }, 'retry.maxDelay is Infinity; it must be milliseconds'],
    [{ attempts: 2, backoff: Symbol('x') }, 'retry.backoff is Symbol(x); it must be'],
    [{ attempts: 2, tries: 2 }, 'retry.tries is not known; there are attempts, backoff, delay, maxDelay, jitter'],
  ])('%p', (retry, message) => {
    expect(() => retried('wrong', { retry } as TaskOptions)).toThrow(message);
  });

  test('the delay of a RetryError', () => {
    expect(() => new RetryError('later', { delay: 'soon' })).toThrow('the delay of a RetryError is "soon"');
  });
});

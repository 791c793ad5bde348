import { Task } from '../../src/decorators/task';
import { TaskError } from '../../src/errors';
import type { RetryBackoff } from '../../src/metadata/retry-options';
import { RetryError } from '../../src/task/retry-error';
import { TaskContext } from '../../src/task/task-context';
import { PLACES, Stage } from '../app/stage';

/** What the first run throws; the second succeeds. */
let thrown: unknown;
/** What the backoff answers. */
let answer: () => unknown = () => 1;

class Backoff implements RetryBackoff {
  delayMs(): number {
    return answer() as number;
  }
}

@Task('odd', { retry: { attempts: 2, delay: 20, jitter: 0, backoff: Backoff, maxDelay: 50 } })
class Odd {
  start(task: TaskContext): string {
    if (task.attempt === 1) throw thrown;
    return 'done';
  }
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function trap(property: string, base: Error = new Error('x')): Error {
  return Object.defineProperty(base, property, {
    get: () => {
      throw new Error(`no ${property}`);
    },
  });
}

const THROWN: readonly (readonly [name: string, thrown: unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', Number.NaN],
  ['a BigInt', 10n],
  ['a symbol', Symbol('x')],
  ['an object without a prototype', Object.create(null)],
  ['a revoked proxy', revoked()],
  ['an error without a message', new Error()],
  ['an error without a stack', Object.assign(new Error('x'), { stack: undefined })],
  ['an error whose stack is a number', Object.assign(new Error('x'), { stack: 5 })],
  ['an error whose message is a symbol', Object.assign(new Error('x'), { message: Symbol('x') })],
  ['an error whose message cannot be read', trap('message')],
  ['an error whose code cannot be read', trap('code')],
  [
    'an error that says it is a timeout, and nothing more',
    Object.assign(new Error(), { code: 'TASK_TIMEOUT', message: undefined }),
  ],
  ['an error of 10 MB', new Error('ü'.repeat(5_000_000))],
  ['an error with half a character', new Error('\ud83d')],
  ['an error that is cut within a character', new Error(`${'x'.repeat(992)}\u{1f600}`)],
  ['an error with a zero byte', new Error('a\u0000b')],
  [
    'an error that is its own cause',
    (() => {
      const error = new Error('x');
      error.cause = error;
      return error;
    })(),
  ],
  ['a retryable TaskError without a message', new TaskError('', { retryable: true })],
  [
    'a retryable TaskError whose message is none',
    Object.assign(new TaskError('', { retryable: true }), {
      message: {
        toString: () => {
          throw new Error('no');
        },
      },
    }),
  ],
  ['a retryable TaskError whose message cannot be read', trap('message', new TaskError('', { retryable: true }))],
  ['a RetryError without a stack', Object.assign(new RetryError('x', { delay: 1 }), { stack: undefined })],
  [
    'a RetryError whose delay was overwritten',
    Object.assign(new RetryError('x', { delay: 1 }), { delayMs: Number.NaN }),
  ],
  [
    'a RetryError whose delay was made less than none',
    Object.assign(new RetryError('x', { delay: 1 }), { delayMs: -5 }),
  ],
  ['a frozen error', Object.freeze(new Error('x'))],
];

const ANSWERS: readonly (readonly [name: string, answer: () => unknown])[] = [
  ['NaN', () => Number.NaN],
  ['less than none', () => -1],
  ['Infinity', () => Number.POSITIVE_INFINITY],
  ['less than Infinity', () => Number.NEGATIVE_INFINITY],
  ['a text', () => '5s'],
  ['a number as text', () => '5'],
  ['nothing', () => undefined],
  ['null', () => null],
  ['an object', () => ({})],
  ['a list', () => [7]],
  ['a fraction', () => 0.4],
  ['2 to the 60', () => 2 ** 60],
  ['a promise of a number', async () => 5],
];

describe.each(PLACES)('whatever fails, on %s', (place) => {
  const stage = Stage.use(place);

  async function endOf(): Promise<unknown> {
    const app = await stage().app({ tasks: [Odd] });
    const handle = await app.client.start(Odd, undefined, { id: 'a' });
    await handle.result({ timeout: '4s' });
    return handle.get();
  }

  test.each(THROWN)('%s is a failure as any, and is retried', async (_name, value) => {
    [thrown, answer] = [value, () => 1];
    expect(await endOf()).toMatchObject({ state: 'SUCCESS', failures: 1, errors: [expect.any(String)] });
  });

  test.each(ANSWERS)('a backoff that answers %s has it retried', async (_name, value) => {
    [thrown, answer] = [new Error('x'), value];
    expect(await endOf()).toMatchObject({ state: 'SUCCESS', failures: 1 });
  });

  test.each<[string, () => unknown]>([
    ['a BigInt', () => 5n],
    ['a symbol', () => Symbol('x')],
    [
      'an error',
      () => {
        throw new Error('no');
      },
    ],
    ['a promise that is rejected', () => Promise.reject(new Error('no'))],
  ])('a backoff that gives %s ends the task, and says so', async (_name, value) => {
    [thrown, answer] = [new Error('x'), value];
    await expect(endOf()).rejects.toMatchObject({ state: 'EXCEPTION' });
    await stage().untilLogged('The backoff of the task threw');
  });

  test('a backoff that never answers holds up neither the task for good nor the app', async () => {
    [thrown, answer] = [new Error('x'), () => new Promise(() => {})];
    expect(await endOf()).toMatchObject({ state: 'SUCCESS', failures: 1 });
    await stage().untilLogged('The backoff of the task did not answer');
  });
});

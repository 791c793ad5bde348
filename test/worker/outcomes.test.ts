import { Inject } from '../../src/decorators/injection';
import { Task } from '../../src/decorators/task';
import { TaskError, TaskFailedError } from '../../src/errors';
import { PLACES, Stage } from '../app/stage';

const CODE = Symbol('what the task does');

@Task('act')
class Act {
  constructor(@Inject(CODE) private readonly code: () => unknown) {}

  start(): unknown {
    return this.code();
  }
}

function throwing(value: unknown): () => never {
  return () => {
    throw value;
  };
}

const circle: Record<string, unknown> = {};
circle.self = circle;
const BIG = 'x'.repeat(2_000_000);

describe.each(PLACES)('the outcome of a run, on %s', (place) => {
  const stage = Stage.use(place);

  /** Runs a task whose `start` is `code`, and resolves with its hash. */
  async function run(code: () => unknown): Promise<Record<string, string>> {
    const app = await stage().app({ tasks: [Act], providers: [{ provide: CODE, useValue: code }] });
    const { id, result } = await started(app.client.start(Act));
    await result({ timeout: '5s' }).catch((error: unknown) => expect(error).toBeInstanceOf(TaskFailedError));
    return stage().hash(id);
  }

  async function started(starting: ReturnType<Awaited<ReturnType<Stage['app']>>['client']['start']>) {
    const handle = await starting;
    return { id: handle.id, result: handle.result.bind(handle) };
  }

  test.each<[what: string, value: unknown, output: string]>([
    ['a number', 200, '200'],
    ['nothing', undefined, 'null'],
    ['a promise of an object', Promise.resolve({ a: [1, null] }), '{"a":[1,null]}'],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['NaN', Number.NaN, 'null'],
    ['two million characters', BIG, JSON.stringify(BIG)],
    ['half a surrogate pair', '\ud800', '"\\ud800"'],
  ])('%s that is returned ends the task as SUCCESS, with its JSON as output', async (_what, value, output) => {
    const hash = await run(() => value);
    expect(hash.state).toBe('SUCCESS');
    expect(hash.output === output).toBe(true);
  });

  test.each<[what: string, value: unknown]>([
    ['a circle', circle],
    ['a BigInt', 10n],
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
    [
      'an object whose toJSON throws null',
      {
        toJSON: throwing(null),
      },
    ],
  ])('%s that is returned ends the task as EXCEPTION that says so', async (_what, value) => {
    const hash = await run(() => value);
    expect(hash).toMatchObject({ state: 'EXCEPTION', output: expect.stringMatching(/JSON|null/) });
  });

  test('a TaskError ends the task as ERROR, with its message alone', async () => {
    expect(await run(throwing(new TaskError('gone')))).toMatchObject({ state: 'ERROR', output: 'gone' });
  });

  test('an error of a class made from TaskError is expected too', async () => {
    class Gone extends TaskError {}
    expect(await run(throwing(new Gone('gone')))).toMatchObject({ state: 'ERROR', output: 'gone' });
  });

  test('any other error ends the task as EXCEPTION, with message and stack', async () => {
    const { state, output } = await run(throwing(new RangeError('boom')));
    expect(state).toBe('EXCEPTION');
    expect(output).toMatch(/^RangeError: boom\n\s+at .*outcomes\.test\.ts/);
  });

  test('an error whose message was changed later tells the new message', async () => {
    const error = new Error('early');
    error.message = 'late';
    expect((await run(throwing(error))).output).toContain('late');
  });

  test.each<[what: string, value: unknown, told: string]>([
    ['a text', 'boom', 'boom'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('boom'), 'boom'],
    ['an object', { message: 'boom' }, 'object'],
  ])('%s that is thrown ends the task as EXCEPTION', async (_what, value, told) => {
    expect(await run(throwing(value))).toMatchObject({ state: 'EXCEPTION', output: expect.stringContaining(told) });
  });

  test.each<[what: string, value: unknown]>([
    ['an object without a prototype', Object.create(null)],
    ['an object that cannot be a text', { toString: throwing(new Error('no text')) }],
    ['an error whose stack is null', Object.assign(new Error('boom'), { stack: null })],
    ['an error whose message is a symbol', Object.assign(new Error('boom'), { message: Symbol('boom') })],
    [
      'an error whose stack cannot be read',
      Object.defineProperty(new Error('boom'), 'stack', { get: throwing(new Error('no stack')) }),
    ],
  ])('%s that is thrown ends the task as EXCEPTION all the same', async (_what, value) => {
    expect(await run(throwing(value))).toMatchObject({ state: 'EXCEPTION', output: expect.stringMatching(/./) });
  });
});

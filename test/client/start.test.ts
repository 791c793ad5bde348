import { IsInt, IsString } from 'class-validator';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { InputError, JsonValueError, TaskExistsError, TaskIdError } from '../../src/errors';
import type { Default } from '../../src/task/default';
import { Desk, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';

class GreetInput {
  @IsString() name!: string;
  @IsInt() times: Default<number> = 1;
}

@Task('greet')
class Greet {
  start(@Input(GreetInput) { name, times }: GreetInput): string {
    return `hello ${name}`.repeat(times);
  }
}

const BAD_IDS: readonly (readonly [what: string, id: unknown])[] = [
  ['empty', ''],
  ['with a brace', 'a{b'],
  ['with a closing brace', 'a}b'],
  ['ending in -control', 'a-control'],
  ['over 512 bytes', 'ä'.repeat(257)],
  ['a number', 7],
];

describe.each(PLACES)('starting a task, on %s', (place) => {
  const stage = Stage.use(place);

  test('by its class writes a hash as pytask would, and enqueues it', async () => {
    const { client } = await stage().app({ tasks: [Greet], worker: false });
    const { id } = await client.start(Greet, { name: 'world' });
    expect(await stage().hash(id)).toMatchObject({ task: 'greet', data: '{"name":"world"}', state: 'WAIT' });
    expect(await stage().hash(id)).not.toHaveProperty('cleanup');
    expect(await stage().queue()).toEqual([id]);
  });

  test('by its class needs no worker, and not even the class among the tasks', async () => {
    const { client } = await stage().app();
    await client.start(Greet, { name: 'world' }, { id: 'a', cleanup: false });
    expect(await stage().hash('a')).toMatchObject({ task: 'greet', cleanup: 'false' });
  });

  test('by name takes any object where the class is not known here', async () => {
    const { client } = await stage().app();
    const { id } = await client.start('elsewhere', { any: ['thing'] });
    expect(await stage().hash(id)).toMatchObject({ task: 'elsewhere', data: '{"any":["thing"]}' });
  });

  test('with a bad input is refused with every path, and nothing is written', async () => {
    const { client } = await stage().app({ tasks: [Greet], worker: false });
    const input = { name: 7, times: 1.5, nam: 'x' };
    const error: InputError = await client.start(Greet, input as never, { id: 'a' }).then(fail, (thrown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect([...new Set(error.violations.map(({ path }) => path))].sort()).toEqual(['nam', 'name', 'times']);
    expect(await stage().hash('a')).toEqual({});
    expect(await stage().queue()).toEqual([]);
  });

  test('by name is validated too where the class is known here', async () => {
    const { client } = await stage().app({ tasks: [Greet], worker: false });
    await expect(client.start('greet', { name: 7 })).rejects.toBeInstanceOf(InputError);
  });

  test.each<[what: string, input: unknown]>([
    ['an array', []],
    ['null', null],
    ['a text', 'x'],
  ])('by name with %s is refused', async (_what, input) => {
    const { client } = await stage().app();
    await expect(client.start('elsewhere', input as never)).rejects.toBeInstanceOf(InputError);
    expect(await stage().queue()).toEqual([]);
  });

  test('with what cannot be JSON is refused', async () => {
    const { client } = await stage().app();
    await expect(client.start('elsewhere', { n: 1n })).rejects.toBeInstanceOf(JsonValueError);
  });

  test('under the id of a task that waits is refused, and changes nothing', async () => {
    const { client } = await stage().app();
    await client.start('one', { n: 1 }, { id: 'a' });
    await expect(client.start('two', {}, { id: 'a' })).rejects.toBeInstanceOf(TaskExistsError);
    expect(await stage().hash('a')).toMatchObject({ task: 'one', data: '{"n":1}' });
    expect(await stage().queue()).toEqual(['a']);
  });

  test('twice at once under one id starts one', async () => {
    const { client } = await stage().app();
    const outcomes = await Promise.allSettled([1, 2].map((n) => client.start('one', { n }, { id: 'a' })));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await stage().queue()).toEqual(['a']);
  });

  test('under the id of a task that runs is refused', async () => {
    const desk = new Desk();
    const { client } = await stage().app({ tasks: [Staying], providers: [Desk.provide(desk)] });
    await client.start(Staying, {}, { id: 'a' });
    await desk.untilBegan('a');
    await expect(client.start(Staying, {}, { id: 'a' })).rejects.toBeInstanceOf(TaskExistsError);
  });

  test.each<[options: object, told: string]>([
    [{ queue: '' }, 'queue is ""'],
    [{ queue: 'a:b' }, 'letters, digits'],
    [{ queue: 'workers' }, 'take another one'],
    [{ queue: null }, 'queue is null'],
    [{ priority: 10 }, 'priority is 10; it must be a whole number from 0'],
    [{ priority: '1' }, 'priority is "1"'],
    [{ priority: null }, 'priority is null'],
    [{ deadline: 0 }, 'deadline'],
    [{ deadline: -1 }, 'deadline'],
    [{ deadline: 'soon' }, 'deadline'],
    [{ delay: '1h', deadline: '10m' }, 'Give a later deadline'],
  ])('with the options %j is refused, and told what is wrong', async (options, told) => {
    const { client } = await stage().app();
    const outcome = client.start('one', {}, options);
    await expect(outcome).rejects.toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(told) });
    expect(await client.counts()).toMatchObject({ waiting: 0, delayed: 0 });
  });

  test.each(['', 'a b', 'queues', 5 as never])('a queue of the name %p cannot be asked for', async (name) => {
    const { client } = await stage().app();
    expect(() => client.queue(name)).toThrow(/^The name of the queue is/);
  });

  test.each(BAD_IDS)('under an id that is %s is refused', async (_what, id) => {
    const { client } = await stage().app();
    await expect(client.start('one', {}, { id: id as string })).rejects.toBeInstanceOf(TaskIdError);
    expect(await stage().queue()).toEqual([]);
  });
});

describe('every call of the client that is refused', () => {
  const stage = Stage.use();

  test.each(['stop', 'reload', 'restart', 'remove', 'get', 'result'] as const)(
    'rejects, and does not throw on the spot: %s',
    async (call) => {
      const { client } = await stage().app();
      const outcome = client[call]('').then(fail, (error: unknown) => error);
      expect(await outcome).toBeInstanceOf(TaskIdError);
    },
  );

  test('is so with a timeout that is no duration too', async () => {
    const { client } = await stage().app();
    await expect(client.result('a', { timeout: 'soon' })).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });

  test.each([
    ['start', { dealy: 5 }, 'did you mean "delay"?'],
    ['start', { jobId: 'a' }, 'unknown option "jobId"'],
    ['startMany', { qeue: 'mail' }, 'did you mean "queue"?'],
    ['removeMany', { progress: () => {} }, 'did you mean "onProgress"?'],
    ['drain', true, 'must be given an object of options'],
  ] as const)('%s refuses options that it does not know: %o', async (call, options, told) => {
    const { client } = await stage().make({ worker: false });
    const given = options as object;
    const calls = {
      start: () => client.start('any', {}, given),
      startMany: () => client.startMany('any', [{}], given),
      removeMany: () => client.removeMany({ all: true }, given),
      drain: () => client.queue('mail').drain(given),
    };
    await expect(calls[call]()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining(told),
    });
  });
});

function fail(): never {
  throw new Error('This was to be refused.');
}

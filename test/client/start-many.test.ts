import { IsInt } from 'class-validator';
import { createApp } from '../../src/app/create-app';
import type { StartItem } from '../../src/client/start-options';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { AppClosedError, ConfigurationError, DeclarationError } from '../../src/errors';
import { PLACES, Stage } from '../app/stage';
import { startCluster } from '../support/redis-cluster';
import { useServer } from '../support/use-server';

class CountInput {
  @IsInt() n!: number;
}

@Task('count')
class Count {
  start(@Input(CountInput) { n }: CountInput): number {
    return n;
  }
}

type Item = StartItem<typeof Count>;

const BAD = { n: 'x' } as unknown as { n: number };

function* numbers(count: number): Generator<{ n: number }> {
  for (let n = 0; n < count; n++) yield { n };
}

async function* later(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

describe.each(PLACES)('starting many tasks, on %s', (place) => {
  const stage = Stage.use(place);
  const client = async () => (await stage().app({ tasks: [Count], worker: false })).client;

  test('enqueues each as a start would, and tells which input has which id', async () => {
    const ids: string[] = [];
    const report = await (await client()).startMany(Count, [{ n: 1 }, { n: 2 }], {
      onStarted: (handle, index) => {
        ids[index] = handle.id;
      },
    });
    expect(report).toEqual({ started: 2, duplicates: 0, refusedCount: 0, refused: [] });
    expect(await stage().queue()).toEqual(ids);
    expect(await stage().hash(ids[1] as string)).toMatchObject({ task: 'count', data: '{"n":2}', state: 'WAIT' });
  });

  test('takes ids in pairs, beside inputs without', async () => {
    const items = new Map([
      ['a', { n: 1 }],
      ['b', { n: 2 }],
    ]);
    expect(await (await client()).startMany(Count, [...items, { n: 3 }])).toMatchObject({ started: 3 });
    expect(await (await client()).startMany(Count, new Map([['c', { n: 4 }]]))).toMatchObject({ started: 1 });
    expect(await stage().queue()).toEqual(['a', 'b', expect.stringMatching(/^.{22}$/), 'c']);
    expect(await stage().hash('b')).toMatchObject({ data: '{"n":2}' });
  });

  test('keeps the ended tasks for good where it is asked to', async () => {
    await (await client()).startMany(Count, [['a', { n: 1 }]], { cleanup: false });
    expect(await stage().hash('a')).toMatchObject({ cleanup: 'false' });
  });

  test('tells which inputs were refused, and starts the others', async () => {
    const items = [
      ['waits', { n: 1 }],
      { n: 2 },
      BAD,
      ['a}', { n: 3 }],
      ['new', BAD],
      ['new', { n: 4 }],
      ['new', { n: 5 }],
    ];
    await (await client()).start(Count, { n: 0 }, { id: 'waits' });
    const report = await (await client()).startMany(Count, items as Item[]);
    expect(report).toMatchObject({ started: 2, refusedCount: 5 });
    expect(report.refused).toEqual([
      { index: 0, id: 'waits', input: { n: 1 }, error: expect.objectContaining({ code: 'TASK_EXISTS' }) },
      { index: 2, input: BAD, error: expect.objectContaining({ code: 'INPUT_INVALID' }) },
      { index: 3, id: 'a}', input: { n: 3 }, error: expect.objectContaining({ code: 'TASK_ID_INVALID' }) },
      { index: 4, id: 'new', input: BAD, error: expect.objectContaining({ code: 'INPUT_INVALID' }) },
      { index: 6, id: 'new', input: { n: 5 }, error: expect.objectContaining({ code: 'TASK_EXISTS' }) },
    ]);
    expect(await stage().hash('waits')).toMatchObject({ data: '{"n":0}' });
    expect(await stage().hash('new')).toMatchObject({ data: '{"n":4}' });
    expect(await stage().queue()).toEqual(['waits', expect.any(String), 'new']);
  });

  test('by name takes any object where the class is not known, and validates it where it is', async () => {
    const items = [{ any: 'thing' }, [1], 'text', { n: 1n }, ['a', {}]] as object[];
    const elsewhere = await (await client()).startMany('elsewhere', items);
    expect(elsewhere.refused.map(({ index, error }) => [index, error.code])).toEqual([
      [1, 'INPUT_INVALID'],
      [2, 'INPUT_INVALID'],
      [3, 'JSON_VALUE_INVALID'],
    ]);
    expect(await (await client()).startMany('count', [BAD, { n: 1 }])).toMatchObject({ started: 1, refusedCount: 1 });
  });

  test.each([
    ['an iterable', (items: Iterable<Item>) => items],
    ['an async iterable', later],
  ])('starts all of %s that is longer than what goes out together, in order', async (_kind, given) => {
    const ids: string[] = [];
    const report = await (await client()).startMany(Count, given(numbers(1_203)), {
      onStarted: ({ id }, index) => {
        expect(index).toBe(ids.length);
        ids.push(id);
      },
    });
    expect(report).toEqual({ started: 1_203, duplicates: 0, refusedCount: 0, refused: [] });
    expect(await stage().queue()).toEqual(ids);
    expect(await stage().hash(ids[1_200] as string)).toMatchObject({ data: '{"n":1200}' });
  });

  test('sends long inputs in smaller parts', async () => {
    const text = 'x'.repeat(700_000);
    const report = await (await client()).startMany('elsewhere', [{ text }, { text }, { text }]);
    expect(report).toMatchObject({ started: 3 });
  });

  test('keeps the first 100 of the refused, and counts the others', async () => {
    const inputs = Array.from({ length: 1_500 }, (_, n) => (n % 3 === 0 ? { n } : BAD));
    const { started, refusedCount, refused } = await (await client()).startMany(Count, inputs);
    expect({ started, refusedCount }).toEqual({ started: 500, refusedCount: 1_000 });
    expect(refused.map(({ index }) => index)).toEqual(
      inputs.flatMap((input, index) => (input === BAD ? [index] : [])).slice(0, 100),
    );
  });

  test('of no inputs starts nothing', async () => {
    expect(await (await client()).startMany(Count, [])).toEqual({
      started: 0,
      duplicates: 0,
      refusedCount: 0,
      refused: [],
    });
  });
});

describe('starting many tasks', () => {
  const stage = Stage.use();

  test.each<[what: string, inputs: unknown, named: RegExp]>([
    ['one input', { n: 1 }, /^inputs is an object that is not iterable: give an array/],
    ['a text', 'text', /^inputs is a string: give/],
    ['nothing', undefined, /^inputs is undefined: give/],
  ])('of %s is refused', async (_what, inputs, named) => {
    const { client } = await stage().app();
    const starting = client.startMany(Count, inputs as never);
    await expect(starting).rejects.toBeInstanceOf(ConfigurationError);
    await expect(starting).rejects.toThrow(named);
  });

  test('of what is no task class is refused', async () => {
    const { client } = await stage().app();
    await expect(client.startMany(class {} as typeof Count, [{ n: 1 }])).rejects.toBeInstanceOf(DeclarationError);
  });

  test('is refused once the app is closed', async () => {
    const app = await stage().app();
    await app.close();
    await expect(app.client.startMany(Count, [{ n: 1 }])).rejects.toBeInstanceOf(AppClosedError);
  });
});

describe('starting many tasks on a cluster', () => {
  const cluster = useServer(() => startCluster());

  test('starts all that can be, over all slots', async () => {
    const redis = { cluster: cluster().startupNodes };
    const app = await createApp({ tasks: [Count], worker: false, logger: false, redis });
    try {
      await app.client.start(Count, { n: 0 }, { id: 'id-7' });
      const items = Array.from({ length: 1_200 }, (_, n): Item => [`id-${n}`, { n }]);
      const report = await app.client.startMany(Count, items);
      expect(report).toMatchObject({ started: 1_199, refusedCount: 1, refused: [{ index: 7, id: 'id-7' }] });
      expect((await app.client.waiting(2_000)).toSorted()).toEqual(
        items.map((item) => (item as readonly [string, object])[0]).toSorted(),
      );
      expect(await app.client.get('id-1199')).toMatchObject({ data: '{"n":1199}', state: 'WAIT' });
    } finally {
      await app.close();
    }
  });
});

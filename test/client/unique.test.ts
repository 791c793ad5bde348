import { IsInt, IsString } from 'class-validator';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { ConfigurationError, DeclarationError, InputError, TaskExistsError } from '../../src/errors';
import type { UniqueOptions } from '../../src/metadata/unique-options';
import type { Default } from '../../src/task/default';
import { PLACES, Stage } from '../app/stage';

class SyncInput {
  @IsString() account!: string;
  @IsInt() depth: Default<number> = 3;
}

@Task('sync', { unique: { key: (input: SyncInput) => input.account } })
class Sync {
  start(@Input(SyncInput) { account, depth }: SyncInput): string {
    return `${account} ${depth}`;
  }
}

@Task('sweep', { unique: {} })
class Sweep {
  start(@Input(SyncInput) { account }: SyncInput): string {
    return account;
  }
}

describe.each(PLACES)('a unique task, on %s', (place) => {
  const stage = Stage.use(place);
  const client = async () => (await stage().app({ tasks: [Sync, Sweep], worker: false })).client;

  test('is started once, and a second start gives a handle on it', async () => {
    const { start, handle } = bound(await client());
    const first = await start(Sync, { account: 'acme' });
    const second = await start(Sync, { account: 'acme', depth: 5 });
    expect([first.isNew, second.isNew]).toEqual([true, false]);
    expect(second.id).toBe(first.id);
    expect(handle(first.id).isNew).toBe(false);
    expect((await start(Sync, { account: 'other' })).isNew).toBe(true);
  });

  test('gives its output to whoever has started it', async () => {
    const app = await stage().app({ tasks: [Sync] });
    const handles = await Promise.all([1, 2, 3].map(() => app.client.start(Sync, { account: 'acme' })));
    await app.start();
    expect(await Promise.all(handles.map((one) => one.result()))).toEqual(['acme 3', 'acme 3', 'acme 3']);
    expect(handles.filter(({ isNew }) => isNew)).toHaveLength(1);
    const next = await app.client.start(Sync, { account: 'acme' });
    expect(next.isNew).toBe(true);
    await next.result();
  });

  test('has its input for a key by default, whatever the order of the properties', async () => {
    const { start } = bound(await client());
    await start(Sweep, { account: 'acme', depth: 1 });
    expect(await start(Sweep, { depth: 1, account: 'acme' })).toMatchObject({ isNew: false });
    expect(await start(Sweep, { account: 'acme', depth: 2 })).toMatchObject({ isNew: true });
    const nested = { unique: {} };
    await start('elsewhere', { a: { b: 1, c: [{ d: 1, e: 2 }] } }, nested);
    expect(await start('elsewhere', { a: { c: [{ e: 2, d: 1 }], b: 1 } }, nested)).toMatchObject({ isNew: false });
    expect(await start('elsewhere', { a: { c: [{ e: 2, d: 1 }], b: 2 } }, nested)).toMatchObject({ isNew: true });
  });

  test('goes by what the call says, as a whole, where it says something', async () => {
    const { start } = bound(await client());
    const { id } = await start(Sync, { account: 'acme' });
    const replace = { key: 'acme', policy: 'replace' } as const;
    expect(await start(Sync, { account: 'other' }, { unique: replace })).toMatchObject({ id, isNew: false });
    expect(await stage().hash(id)).toMatchObject({ data: '{"account":"other"}' });
    expect(await start(Sync, { account: 'acme' }, { unique: false })).toMatchObject({ isNew: true });
    const byDepth = { unique: { key: (input: SyncInput) => `depth ${input.depth}` } };
    expect(await start(Sync, { account: 'acme' }, byDepth)).toMatchObject({ isNew: true });
    expect(await start(Sync, { account: 'else', depth: 3 }, byDepth)).toMatchObject({ isNew: false });
  });

  test('waits for a quiet time where it is debounced', async () => {
    const { start } = bound(await client());
    const unique = { key: 'acme', policy: 'debounce', window: '1h' } as const;
    const first = await start(Sync, { account: 'a' }, { unique });
    await start(Sync, { account: 'b' }, { unique });
    const record = await first.get();
    expect(record).toMatchObject({ state: 'WAIT', data: '{"account":"b"}' });
    expect((record?.dueMs as number) - (record?.createdMs as number)).toBeGreaterThanOrEqual(3_600_000);
  });

  test('with an id that waits or runs under another key is refused', async () => {
    const { start } = bound(await client());
    await start(Sync, { account: 'acme' }, { id: 'a' });
    expect(await start(Sync, { account: 'acme' }, { id: 'a' })).toMatchObject({ id: 'a', isNew: false });
    await expect(start(Sync, { account: 'other' }, { id: 'a' })).rejects.toThrow(TaskExistsError);
  });

  test('among many: duplicates are counted, and not told as started', async () => {
    const told: [string, number][] = [];
    const items = [
      { account: 'a' },
      { account: 'b' },
      { account: 'a', depth: 2 },
      ['x', { account: 'b' }] as const,
      { account: 7 as never },
      ['y', { account: 'c' }] as const,
    ];
    const report = await (await client()).startMany(Sync, items, {
      onStarted: ({ id, isNew }, index) => void told.push([`${isNew} ${id.length > 1}`, index]),
    });
    expect(report).toMatchObject({ started: 3, duplicates: 2, refusedCount: 1, refused: [{ index: 4 }] });
    expect(told).toEqual([
      ['true true', 0],
      ['true true', 1],
      ['true false', 5],
    ]);
    const [first] = await stage().queue();
    expect(await stage().hash(first as string)).toMatchObject({ data: '{"account":"a"}' });
  });

  test('among many, the last input is what replaces the others', async () => {
    const inputs = Array.from({ length: 20 }, (_, depth) => ({ account: 'a', depth }));
    const unique = { key: 'all', policy: 'replace' } as const;
    expect(await (await client()).startMany(Sync, inputs, { unique })).toMatchObject({ started: 1, duplicates: 19 });
    const [id] = await stage().queue();
    expect(await stage().hash(id as string)).toMatchObject({ data: '{"account":"a","depth":19}' });
  });

  test('needs a key of text: an input that gives none is refused, alone', async () => {
    const { start, startMany } = bound(await client());
    await expect(start(Sync, { account: '' })).rejects.toThrow(
      new InputError('sync', [
        { path: '', message: 'must have a unique.key: its function is to give a non-empty text, but gave ""' },
      ]),
    );
    const failing = { key: (): string => JSON.parse('{') };
    await expect(start(Sync, { account: 'a' }, { unique: failing })).rejects.toThrow('but threw: SyntaxError');
    const late = { key: (async () => 'a') as never };
    await expect(start(Sync, { account: 'a' }, { unique: late })).rejects.toThrow('but gave a promise');
    expect(await startMany(Sync, [{ account: '' }, { account: 'a' }])).toMatchObject({ started: 1, refusedCount: 1 });
  });
});

describe('options of uniqueness', () => {
  const stage = Stage.use();

  const BAD: readonly (readonly [options: unknown, message: string])[] = [
    [true, "unique is true; it must be an object, such as { policy: 'keep' }"],
    [{ kye: 'a' }, 'unique.kye is not known; there are key, policy, while, window'],
    [{ key: '' }, 'unique.key is ""; it must be a non-empty text, or a function of the input that gives one'],
    [{ policy: 'drop' }, "unique.policy is \"drop\"; it must be 'keep', 'replace', 'debounce' or 'throttle'"],
    [{ while: 'ended' }, "unique.while is \"ended\"; it must be 'waiting', 'running' or 'unended'"],
    [{ window: 'soon' }, 'unique.window is "soon"; it must be milliseconds, more than 0, or a text such as \'10s\''],
    [{ policy: 'throttle' }, 'unique.policy is "throttle", which needs a window: add window: \'10s\''],
    [{ policy: 'debounce' }, 'unique.policy is "debounce", which needs a window'],
    [{ policy: 'throttle', window: 1, while: 'running' }, 'unique.while has no meaning with the policy "throttle"'],
    [{ policy: 'replace', window: 1 }, 'unique.window has no meaning with the policy "replace"'],
    [
      { policy: 'replace', while: 'running' },
      'unique.while is "running", but the policy "replace" is for tasks that wait',
    ],
  ];

  test.each(BAD)('%j are refused, by the class and by the call', async (options, message) => {
    const unique = options as UniqueOptions;
    const declare = () => {
      @Task('bad', { unique })
      class Bad {
        start(): void {}
      }
      return Bad;
    };
    expect(declare).toThrow(DeclarationError);
    expect(declare).toThrow(`@Task on Bad: ${message}`);
    const { client } = await stage().app({ tasks: [Sync], worker: false });
    const starting = client.start('elsewhere', {}, { unique });
    await expect(starting).rejects.toThrow(ConfigurationError);
    await expect(starting).rejects.toThrow(message);
  });

  test('debounce leaves no room for another time', async () => {
    const { client } = await stage().app({ tasks: [Sync], worker: false });
    const unique = { policy: 'debounce', window: 10 } as const;
    await expect(client.start(Sync, { account: 'a' }, { unique, delay: 10 })).rejects.toThrow(
      'unique.policy is "debounce", which says when the task is due: leave out delay and runAt',
    );
  });

  test('debounce for as long as the deadline is refused, as no run could begin', async () => {
    const { client } = await stage().app({ tasks: [Sync], worker: false });
    const unique = { policy: 'debounce', window: '10s' } as const;
    const starting = client.start(Sync, { account: 'a' }, { unique, deadline: '10s' });
    await expect(starting).rejects.toThrow('unique.window is 10000 ms, but the deadline is over after 10000 ms');
  });
});

/** The client's methods, to be called without naming it. */
function bound(client: Awaited<ReturnType<Stage['app']>>['client']) {
  return {
    start: client.start.bind(client) as typeof client.start,
    startMany: client.startMany.bind(client) as typeof client.startMany,
    handle: client.handle.bind(client) as typeof client.handle,
  };
}

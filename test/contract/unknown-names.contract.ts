import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS, newTask } from './bench';

const KNOWN_TO_OTHERS = new Map([['unknown-here', 1]]);

/** What a worker does with names that it does not know, and others perhaps do. */
export function describeUnknownNames(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  async function handBack(unknownTaskTimeoutMs: number): Promise<void> {
    await bench().enqueue('a', { name: 'unknown-here' });
    await bench().take();
    expect(await bench().openOne('a', { unknownTaskTimeoutMs })).toEqual({ kind: 'handed-back', name: 'unknown-here' });
  }

  /** Takes and opens until the id is answered otherwise than by being handed back. */
  async function openUntilKept(unknownTaskTimeoutMs: number) {
    return eventually(async () => {
      expect((await bench().take()).ids).toEqual(['a']);
      const opened = await bench().openOne('a', { unknownTaskTimeoutMs });
      expect(opened.kind).not.toBe('handed-back');
      return opened;
    });
  }

  test('an id with an unknown name goes out of the inbox, and waits later', async () => {
    await handBack(LONG_MS);
    expect(await bench().inbox('w1')).toEqual([]);
    expect(await bench().queue()).toEqual([]);
    expect(await bench().reader.counts()).toMatchObject({ waiting: 0, delayed: 1, active: 0 });
    expect(await bench().hash('a')).toMatchObject({ state: 'WAIT', unknown_since: expect.stringMatching(/^\d{13}$/) });
  });

  test('an id that was handed back runs on a worker that knows its name', async () => {
    await handBack(LONG_MS);
    await eventually(async () => expect((await bench().take({ worker: 'w2' })).ids).toEqual(['a']));
    const opened = await bench().openOne('a', { worker: 'w2', slots: KNOWN_TO_OTHERS });
    expect(opened).toMatchObject({ kind: 'run', attempt: 1, unknownForTooLong: false });
    expect(await bench().hash('a')).not.toHaveProperty('unknown_since');
  });

  test('an id that was handed back comes before what waits', async () => {
    await handBack(LONG_MS);
    await bench().enqueue('b');
    await eventually(async () => {
      await bench().take({ limit: 0 });
      expect(await bench().reader.counts()).toMatchObject({ delayed: 0 });
    });
    expect(await bench().queue()).toEqual(['a', 'b']);
  });

  test('a name that nobody knew for too long is opened, to be ended', async () => {
    await handBack(30);
    expect(await openUntilKept(30)).toMatchObject({
      kind: 'run',
      name: 'unknown-here',
      attempt: 1,
      unknownForTooLong: true,
    });
  });

  test('the time counts from the first worker that did not know the name', async () => {
    const unknown_since = String(Date.now() - 10_000);
    await bench().enqueueForeign('a', { task: 'unknown-here', unknown_since });
    await bench().take();
    expect(await bench().openOne('a', { unknownTaskTimeoutMs: 9_000 })).toMatchObject({ unknownForTooLong: true });
  });

  test('with no time given an unknown name is opened at once, to be ended', async () => {
    await bench().enqueue('a', { name: 'unknown-here', cleanup: false });
    await bench().take();
    expect(await bench().openOne('a', { unknownTaskTimeoutMs: 0 })).toMatchObject({
      kind: 'run',
      unknownForTooLong: true,
      lease: { cleanup: false },
    });
  });

  test('a known name beside an unknown one runs', async () => {
    await bench().store.enqueue([newTask('a', { name: 'unknown-here' }), newTask('b')]);
    await bench().take();
    const opened = await bench().open(['a', 'b'], { unknownTaskTimeoutMs: LONG_MS });
    expect(opened.map(({ kind }) => kind)).toEqual(['handed-back', 'run']);
  });
}

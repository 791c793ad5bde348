import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS, newTask } from './bench';

/** Longer than one look takes, shorter than a test's deadline. */
const SHORT_MS = 150;

export function describeDelay(makeBackend: MakeBackend): void {
  describe('a task that is due later', () => describeDelayed(makeBackend));
  describe('a task that waits for its time, and is', () => describeControlled(makeBackend));
}

function describeDelayed(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('is written, but not in the queue', async () => {
    expect(await bench().enqueue('a', { due: { inMs: LONG_MS } })).toBe(true);
    expect(await bench().queue()).toEqual([]);
    expect(await bench().take()).toMatchObject({ ids: [] });
    const [record] = await bench().reader.get(['a']);
    expect(record).toMatchObject({ state: 'WAIT', attempt: 0 });
    expect((record?.dueMs as number) - (record?.createdMs as number)).toBe(LONG_MS);
    expect(await bench().reader.counts()).toMatchObject({ waiting: 0, delayed: 1 });
  });

  test('is taken once it is due, before those that wait', async () => {
    await bench().enqueue('late', { due: { inMs: SHORT_MS } });
    await bench().enqueue('now');
    expect(await bench().take({ limit: 1 })).toMatchObject({ ids: ['now'] });
    expect(await bench().takeLater()).toBe('late');
    expect(await bench().openOne('late')).toMatchObject({ kind: 'run', attempt: 1 });
    expect(await bench().hash('late')).not.toHaveProperty('due');
  });

  test('is taken in the order of time, whatever the order in which it was enqueued', async () => {
    await bench().enqueue('second', { due: { inMs: 60 } });
    await bench().enqueue('first', { due: { inMs: 20 } });
    const taken: string[] = [];
    await eventually(async () => {
      taken.push(...(await bench().take()).ids);
      expect(taken).toEqual(['first', 'second']);
    });
  });

  test('may be given a time, and one that has passed is now', async () => {
    await bench().enqueue('a', { due: { atMs: 1_000 } });
    await eventually(async () => expect((await bench().take()).ids).toEqual(['a']));
  });

  test('is not enqueued twice', async () => {
    await bench().enqueue('a', { due: { inMs: LONG_MS } });
    expect(await bench().enqueue('a', { due: { inMs: 1 } })).toBe(false);
    expect(await bench().enqueue('a')).toBe(false);
  });

  test('is taken in the order of the call, where others are due at the same time', async () => {
    const ids = ['c', 'a', 'd', 'b'];
    await bench().store.enqueue(ids.map((id) => newTask(id, { due: { atMs: 1_000 } })));
    const taken: string[] = [];
    while (taken.length < ids.length) taken.push(await bench().takeLater());
    expect(taken).toEqual(ids);
  });

  test('travels with others that are not', async () => {
    const tasks = [newTask('a'), newTask('later', { due: { inMs: LONG_MS } }), newTask('b')];
    expect(await bench().store.enqueue(tasks)).toEqual([true, true, true]);
    expect(await bench().queue()).toEqual(['a', 'b']);
  });

  test('wakes a worker that began to wait before it was known', async () => {
    let waiting = new AbortController();
    const unsubscribe = await bench().backend.events.onWake(['default'], () => waiting.abort());
    const taken: string[] = [];
    const taking = (async () => {
      while (taken.length === 0) {
        if (waiting.signal.aborted) waiting = new AbortController();
        taken.push(...(await bench().take({ limit: 1, waitMs: 3_000 }, waiting.signal)).ids);
      }
      return Date.now();
    })();
    await new Promise((resolve) => setTimeout(resolve, SHORT_MS));
    await bench().enqueue('a', { due: { inMs: SHORT_MS } });
    const dueMs = (await bench().reader.get(['a']))[0]?.dueMs as number;
    expect((await taking) - dueMs).toBeLessThan(1_000);
    await unsubscribe();
  });
}

function describeControlled(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('rescheduled to now, is taken', async () => {
    await bench().enqueue('a', { due: { inMs: LONG_MS } });
    expect(await bench().store.reschedule('a', { inMs: 0 })).toBe('done');
    await eventually(async () => expect((await bench().take()).ids).toEqual(['a']));
  });

  test('rescheduled to later, says so', async () => {
    await bench().enqueue('a', { due: { inMs: 1 } });
    const atMs = Date.now() + LONG_MS;
    expect(await bench().store.reschedule('a', { atMs })).toBe('done');
    expect((await bench().reader.get(['a']))[0]).toMatchObject({ dueMs: atMs });
    expect(await bench().take()).toMatchObject({ ids: [] });
  });

  test('rescheduled where it does not wait for a time, is left alone', async () => {
    expect(await bench().store.reschedule('none', { inMs: 0 })).toBe('missing');
    await bench().enqueue('a');
    expect(await bench().store.reschedule('a', { inMs: LONG_MS })).toBe('unchanged');
    await bench().beginNext();
    expect(await bench().store.reschedule('a', { inMs: LONG_MS })).toBe('unchanged');
  });

  test('stopped, never begins, and leaves no place behind', async () => {
    await bench().enqueue('a', { due: { inMs: LONG_MS } });
    expect(await bench().store.requestStop('a')).toBe('done');
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED' });
    expect(await bench().hash('a')).not.toHaveProperty('skip');
    expect(await bench().reader.counts()).toMatchObject({ delayed: 0 });
    // So that a restart begins at once.
    expect(await bench().store.restart('a')).toBe('done');
    expect(await bench().beginNext()).toMatchObject({ kind: 'run' });
  });

  test('removed, is gone with its place', async () => {
    await bench().enqueue('a', { due: { inMs: LONG_MS } });
    expect(await bench().store.remove('a')).toBe('done');
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().reader.counts()).toMatchObject({ waiting: 0, delayed: 0 });
  });

  test('restarted, goes on waiting', async () => {
    await bench().enqueue('a', { due: { inMs: LONG_MS } });
    expect(await bench().store.restart('a')).toBe('unchanged');
    expect(await bench().queue()).toEqual([]);
    expect(await bench().reader.counts()).toMatchObject({ delayed: 1 });
  });
}

import type { UniqueClaim } from '../../src/store/unique';
import { keyHash } from '../../src/store/unique';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS, newTask, outcome } from './bench';

const KEEP: UniqueClaim = { key: 'acme', policy: 'keep', while: 'unended', windowMs: undefined };
const REPLACE: UniqueClaim = { ...KEEP, policy: 'replace' };
const DEBOUNCE: UniqueClaim = { ...KEEP, policy: 'debounce', windowMs: LONG_MS };
const THROTTLE: UniqueClaim = { ...KEEP, policy: 'throttle', windowMs: LONG_MS };

export function describeUnique(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);
  const start = (id: string, claim = KEEP, task = {}) => bench().store.enqueueUnique(newTask(id, task), claim);
  const started = (id: string) => ({ kind: 'started', id });
  const duplicate = (id: string) => ({ kind: 'duplicate', id });
  const end = async () => bench().store.finish((await bench().beginNext()).lease, outcome('SUCCESS'));

  describe('keep', () => {
    test('a task is written and queued as any other', async () => {
      expect(await start('a', KEEP, { data: '{"n":1}', cleanup: false })).toEqual(started('a'));
      expect(await bench().queue()).toEqual(['a']);
      const [record] = await bench().reader.get(['a']);
      expect(record).toMatchObject({ name: 'probe', data: '{"n":1}', state: 'WAIT', cleanup: false });
      expect(await bench().hash('a')).not.toHaveProperty('push');
    });

    test('a second start of the key is a duplicate while the first waits and runs, and no longer', async () => {
      await start('a');
      expect(await start('b', KEEP, { data: '{"n":2}' })).toEqual(duplicate('a'));
      const run = await bench().beginNext();
      expect(await start('c')).toEqual(duplicate('a'));
      expect(await bench().hash('a')).toMatchObject({ data: '{}' });
      await bench().store.finish(run.lease, outcome('SUCCESS'));
      expect(await start('d')).toEqual(started('d'));
      expect(await bench().queue()).toEqual(['d']);
      expect(await bench().reader.get(['b', 'c'])).toEqual([undefined, undefined]);
    });

    test('other keys, and the same key of other names, are no matter', async () => {
      await start('a');
      expect(await start('b', { ...KEEP, key: 'other {a} key' })).toEqual(started('b'));
      expect(await start('c', KEEP, { name: 'other' })).toEqual(started('c'));
    });

    test('while it waits: a start is no duplicate of one that runs', async () => {
      const waiting: UniqueClaim = { ...KEEP, while: 'waiting' };
      await start('a', waiting);
      expect(await start('b', waiting)).toEqual(duplicate('a'));
      await bench().beginNext();
      expect(await start('c', waiting)).toEqual(started('c'));
    });

    test('while it runs: a start is no duplicate of one that waits', async () => {
      const running: UniqueClaim = { ...KEEP, while: 'running' };
      await start('a', running);
      await bench().beginNext();
      expect(await start('b', running)).toEqual(duplicate('a'));
      await bench().store.requestStop('a');
      await bench().raw.hset(bench().keys.task('a'), { state: 'WAIT' });
      expect(await start('c', running)).toEqual(started('c'));
    });

    test('a task keeps its key while it waits for a retry, and is requeued', async () => {
      await start('a');
      const { lease } = await bench().beginNext();
      await bench().store.retry(lease, { delayMs: INSTANT_MS, error: 'e', event: '{"event":"retry","data":null}' });
      expect(await start('b')).toEqual(duplicate('a'));
      const again = await bench().openOne(await bench().takeLater());
      if (again.kind === 'run') await bench().store.requeue([again.lease]);
      expect(await start('b')).toEqual(duplicate('a'));
      await end();
      expect(await start('b')).toEqual(started('b'));
    });

    test('a task that was stopped, or removed, has its key no longer', async () => {
      await start('a');
      await bench().store.requestStop('a');
      expect(await start('b')).toEqual(started('b'));
      await bench().store.remove('b');
      expect(await start('c')).toEqual(started('c'));
    });

    test('with a window, a start within it is a duplicate although the task is over, or gone', async () => {
      const windowed: UniqueClaim = { ...KEEP, windowMs: LONG_MS };
      await start('a', windowed);
      await end();
      expect(await start('b', windowed)).toEqual(duplicate('a'));
      await bench().settleEnded(await bench().store.takeEnded('c1', 10, LONG_MS), 0);
      expect(await bench().reader.get(['a'])).toEqual([undefined]);
      expect(await start('b', windowed)).toEqual(duplicate('a'));
      await eventually(async () => expect(await start('b', { ...KEEP, windowMs: INSTANT_MS })).toEqual(started('b')));
    });

    test('a task may be due later, and be the only one until then', async () => {
      await start('a', KEEP, { due: { inMs: LONG_MS } });
      expect(await bench().reader.counts()).toMatchObject({ waiting: 0, delayed: 1 });
      expect(await start('b')).toEqual(duplicate('a'));
      await bench().store.reschedule('a', { inMs: 0 });
      expect(await bench().takeLater()).toBe('a');
    });

    test('a task of the same id under another key, or none, stands in its way', async () => {
      await bench().enqueue('a');
      expect(await start('a')).toEqual({ kind: 'exists', id: 'a' });
      expect(await start('b')).toEqual(started('b'));
      expect(await start('b', { ...KEEP, key: 'other' })).toEqual({ kind: 'exists', id: 'b' });
      expect(await start('b')).toEqual(duplicate('b'));
    });

    test('an id that was started anew, without the key, does not have it', async () => {
      await start('a');
      await end();
      await bench().enqueue('a');
      expect(await bench().hash('a')).not.toHaveProperty('unique');
      expect(await start('b')).toEqual(started('b'));
    });

    test('an ended task is started anew under its id, and has its key again', async () => {
      await start('a');
      await end();
      expect(await start('a')).toEqual(started('a'));
      expect(await bench().hash('a')).not.toHaveProperty('output');
      expect(await start('b')).toEqual(duplicate('a'));
    });
  });

  describe('replace', () => {
    test('a task that waits gets the new input, and keeps its place', async () => {
      await start('a', REPLACE);
      await bench().enqueue('other');
      expect(await start('b', REPLACE, { data: '{"n":2}' })).toEqual(duplicate('a'));
      expect(await bench().queue()).toEqual(['a', 'other']);
      expect(await bench().beginNext()).toMatchObject({ lease: { id: 'a' }, data: '{"n":2}' });
    });

    test('a task that runs stays as it is', async () => {
      await start('a', REPLACE);
      await bench().beginNext();
      expect(await start('b', REPLACE, { data: '{"n":2}' })).toEqual(duplicate('a'));
      expect(await bench().hash('a')).toMatchObject({ data: '{}' });
    });

    test('only while it waits: a start is no duplicate of one that runs', async () => {
      await start('a', REPLACE);
      await bench().beginNext();
      expect(await start('b', { ...REPLACE, while: 'waiting' })).toEqual(started('b'));
    });
  });

  describe('debounce', () => {
    test('a task waits for the window after the last start, and gets its input', async () => {
      expect(await start('a', DEBOUNCE)).toEqual(started('a'));
      const [first] = await bench().reader.get(['a']);
      expect((first?.dueMs as number) - (first?.createdMs as number)).toBe(LONG_MS);
      expect(await start('b', { ...DEBOUNCE, windowMs: 2 * LONG_MS }, { data: '{"n":2}' })).toEqual(duplicate('a'));
      const [second] = await bench().reader.get(['a']);
      expect((second?.dueMs as number) - (first?.dueMs as number)).toBeGreaterThanOrEqual(LONG_MS);
      expect(second?.data).toBe('{"n":2}');
      expect(await start('c', { ...DEBOUNCE, windowMs: INSTANT_MS }, { data: '{"n":3}' })).toEqual(duplicate('a'));
      expect(await bench().takeLater()).toBe('a');
      expect(await bench().openOne('a')).toMatchObject({ kind: 'run', data: '{"n":3}' });
      expect(await bench().reader.counts()).toMatchObject({ waiting: 0, delayed: 0 });
    });

    test('the deadline of a task that is put off is that of the last start, counted from then', async () => {
      await start('a', DEBOUNCE, { deadline: { inMs: 1 } });
      expect(await start('b', DEBOUNCE, { deadline: { inMs: 2 * LONG_MS } })).toEqual(duplicate('a'));
      const [record] = await bench().reader.get(['a']);
      expect((record?.deadlineMs as number) - (record?.dueMs as number)).toBeGreaterThan(LONG_MS / 2);
      await start('c', DEBOUNCE);
      expect(await bench().hash('a')).not.toHaveProperty('deadline');
    });

    test('one whose time has come is left alone, and another one waits', async () => {
      await start('a', { ...DEBOUNCE, windowMs: INSTANT_MS });
      await bench().takeLater();
      expect(await start('b', DEBOUNCE)).toEqual(started('b'));
      await bench().openOne('a');
      expect(await start('c', DEBOUNCE)).toEqual(duplicate('b'));
    });
  });

  describe('throttle', () => {
    test('a start within the window is dropped, whatever became of the first', async () => {
      expect(await start('a', THROTTLE)).toEqual(started('a'));
      expect(await bench().queue()).toEqual(['a']);
      expect(await start('b', THROTTLE)).toEqual(duplicate('a'));
      await bench().store.remove('a');
      expect(await start('c', THROTTLE)).toEqual(duplicate('a'));
    });

    test('a start after the window is started, although the first waits still', async () => {
      await start('a', THROTTLE);
      await eventually(async () => {
        expect(await start('b', { ...THROTTLE, windowMs: INSTANT_MS })).toEqual(started('b'));
      });
      expect(await bench().queue()).toEqual(['a', 'b']);
    });
  });

  describe('many at once', () => {
    test('one of fifty starts of a key wins, and its task is run once', async () => {
      for (let round = 0; round < 5; round++) {
        const ids = Array.from({ length: 50 }, (_, n) => `${round}-${n}`);
        const replies = await Promise.all(ids.map((id) => start(id)));
        const [winner, ...more] = replies.filter(({ kind }) => kind === 'started');
        expect(more).toEqual([]);
        expect(new Set(replies.map(({ id }) => id))).toEqual(new Set([winner?.id]));
        expect(await bench().queue()).toEqual([winner?.id]);
        await end();
      }
    });
  });

  describe('its key is forgotten', () => {
    const claimOf = async () => bench().raw.hgetall(bench().keys.unique(keyHash('probe', 'acme')));

    test.each([0, LONG_MS])('by the cleanup, where the task is kept for %d ms', async (keepMs) => {
      await start('a');
      expect(await claimOf()).toMatchObject({ id: 'a' });
      await end();
      await bench().settleEnded(await bench().store.takeEnded('c1', 10, LONG_MS), keepMs);
      expect(await claimOf()).toEqual({});
      expect(await bench().endQueue()).toEqual([]);
    });

    test('by the removal of a task that waits', async () => {
      await start('a');
      await bench().store.remove('a');
      expect(await claimOf()).toEqual({});
    });

    test.each([false, true])('by a drain of its queue, delayed: %s', async (delayed) => {
      await start('a', KEEP, delayed ? { due: { inMs: LONG_MS }, queue: 'mail' } : { queue: 'mail' });
      expect(await bench().store.drainQueue('mail', 'drainer', delayed)).toMatchObject({ removed: 1 });
      expect(await claimOf()).toEqual({});
    });

    test('when the window is over, where there is one', async () => {
      await start('a', { ...KEEP, windowMs: 300 });
      await bench().store.remove('a');
      expect(await claimOf()).toMatchObject({ id: 'a' });
      await eventually(async () => expect(await claimOf()).toEqual({}));
    });

    test('not by the end of an earlier task, when another one has it', async () => {
      await start('a');
      await end();
      await start('b');
      await bench().settleEnded(await bench().store.takeEnded('c1', 10, LONG_MS), 0);
      expect(await claimOf()).toMatchObject({ id: 'b' });
      expect(await start('c')).toEqual(duplicate('b'));
    });
  });
}

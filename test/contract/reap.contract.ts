import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS, newTask, outcome, started } from './bench';

export function describeReap(makeBackend: MakeBackend): void {
  describe('reap, runs', () => describeRuns(makeBackend));
  describe('reap, workers that die again and again', () => describeCrashes(makeBackend));
  describe('reap, runs of foreign workers', () => describeForeign(makeBackend));
  describe('reap, what was left half done', () => describeHalfDone(makeBackend));
}

const NOTHING = { requeued: [], removed: [], stopped: [], crashed: [], settled: [], returned: [] };

function describeRuns(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('nothing is mended where nothing is broken', async () => {
    await bench().enqueue('waits');
    await bench().end('ended');
    await bench().begin('runs');
    expect(await bench().store.reap(LONG_MS)).toEqual(NOTHING);
  });

  test('a task whose worker died is back at the head of the queue', async () => {
    await bench().begin('a', { leaseMs: INSTANT_MS });
    await bench().enqueue('b');
    expect(await bench().reapUntil('requeued', 'a')).toEqual({ ...NOTHING, requeued: ['a'] });
    expect(await bench().hash('a')).toMatchObject({ state: 'WAIT' });
    expect(await bench().queue()).toEqual(['a', 'b']);
    await bench().expectEvents('a', started(), ['requeue', null]);
  });

  test('a task whose worker died runs again, as the next attempt', async () => {
    await bench().begin('a', { leaseMs: INSTANT_MS });
    await bench().reapUntil('requeued', 'a');
    expect(await bench().beginNext({ worker: 'w2' })).toMatchObject({ attempt: 2 });
  });

  test('a living run is left alone although its lease entry is lost', async () => {
    const { lease } = await bench().begin('a');
    await bench().raw.del(bench().keys.leases);
    expect(await bench().store.reap(LONG_MS)).toEqual(NOTHING);
    expect(await bench().store.finish(lease, outcome('SUCCESS'))).toBe(true);
  });

  test('a run whose lease entry was lost is found when its worker dies', async () => {
    await bench().begin('a');
    await bench().raw.del(bench().keys.leases);
    await bench().reapUntil('requeued', 'a');
    expect(await bench().queue()).toEqual(['a']);
  });

  test('monitors at the same time put a task back once', async () => {
    await bench().begin('a');
    await bench().age('a');
    const reports = await Promise.all([1, 2, 3].map(() => bench().store.reap(LONG_MS)));
    expect(reports.flatMap(({ requeued }) => requeued)).toEqual(['a']);
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a second pass does not put a task back again', async () => {
    await bench().begin('a');
    await bench().age('a');
    await bench().store.reap(LONG_MS);
    expect(await bench().store.reap(LONG_MS)).toEqual(NOTHING);
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a task whose workers die again and again is put back every time', async () => {
    await bench().enqueue('a');
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(await bench().beginNext()).toMatchObject({ attempt });
      await bench().age('a');
      expect(await bench().store.reap(LONG_MS)).toMatchObject({ requeued: ['a'] });
    }
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a local task of a dead worker is removed', async () => {
    await bench().store.openLocal('w1', newTask('a'), INSTANT_MS);
    await bench().reapUntil('removed', 'a');
    expect(await bench().hash('a')).toEqual({});
    expect(await bench().active()).toEqual([]);
    expect(await bench().queue()).toEqual([]);
  });

  test('a stop asked for before the worker died is done', async () => {
    await bench().begin('a');
    await bench().store.requestStop('a');
    await bench().age('a');
    expect(await bench().store.reap(LONG_MS)).toEqual({ ...NOTHING, stopped: ['a'] });
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED' });
    expect(await bench().hash('a')).not.toHaveProperty('control');
    expect(await bench().active()).toEqual(['a']);
    expect(await bench().queue()).toEqual([]);
    await bench().expectEvents('a', started(), ['stop', null]);
  });

  test('a removal asked for before the worker died is done', async () => {
    await bench().begin('a');
    await bench().store.remove('a');
    await bench().age('a', { skip: '1' });
    expect(await bench().store.reap(LONG_MS)).toEqual({ ...NOTHING, removed: ['a'] });
    expect(await bench().hash('a')).toEqual({ skip: '1' });
    expect(await bench().active()).toEqual([]);
    await bench().expectEvents('a', started(), ['remove', null]);
  });

  test('a reload asked for before the worker died is forgotten: the next run is fresh', async () => {
    await bench().begin('a');
    await bench().store.requestReload('a');
    await bench().age('a');
    await bench().store.reap(LONG_MS);
    expect(await bench().hash('a')).not.toHaveProperty('control');
  });
}

function describeCrashes(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  /** The worker of the next run dies at once. */
  async function die(maxCrashes = 3) {
    await bench().beginNext();
    await bench().age('a');
    return bench().store.reap(LONG_MS, maxCrashes);
  }

  test('a task that takes down one worker after the other ends, saying so', async () => {
    await bench().enqueue('a');
    expect(await die()).toEqual({ ...NOTHING, requeued: ['a'] });
    expect(await die()).toEqual({ ...NOTHING, requeued: ['a'] });
    expect(await die()).toEqual({ ...NOTHING, crashed: ['a'] });
    const { state, output } = await bench().hash('a');
    expect(state).toBe('EXCEPTION');
    expect(output).toMatch(/died or was cut off 3 times in a row/);
    expect(await bench().endQueue()).toEqual(['a']);
    expect(await bench().queue()).toEqual([]);
    expect(await bench().active()).toEqual([]);
    await bench().expectEvents(
      'a',
      ...[1, 2].flatMap((attempt): [string, unknown][] => [started(attempt), ['requeue', null]]),
      started(3),
      ['exception', output],
    );
  });

  test('one that is never cleaned up stays in the active set', async () => {
    await bench().enqueue('a', { cleanup: false });
    expect(await die(1)).toEqual({ ...NOTHING, crashed: ['a'] });
    expect(await bench().endQueue()).toEqual([]);
    expect(await bench().active()).toEqual(['a']);
  });

  test('a late end of the last run is refused', async () => {
    const { lease } = await bench().begin('a');
    await bench().age('a');
    await bench().store.reap(LONG_MS, 1);
    expect(await bench().store.finish(lease, outcome('EXCEPTION'))).toBe(false);
    expect(await bench().endQueue()).toEqual(['a']);
  });

  test('leaving, stopping and restarting are no crashes', async () => {
    const first = await bench().begin('a');
    await bench().store.requeue([first.lease]);
    expect(await die()).toMatchObject({ requeued: ['a'] });
    const { lease } = await bench().beginNext();
    await bench().store.requeue([lease]);
    expect(await die()).toMatchObject({ requeued: ['a'] });
    await bench().beginNext();
    await bench().store.requestStop('a');
    await bench().age('a');
    expect(await bench().store.reap(LONG_MS, 3)).toMatchObject({ stopped: ['a'], crashed: [] });
    await bench().store.restart('a');
    expect(await die()).toMatchObject({ requeued: ['a'] });
  });

  test('a pass after the store was away counts none', async () => {
    await bench().enqueue('a');
    for (let times = 0; times < 3; times++) {
      await bench().beginNext();
      await bench().age('a');
      expect(await bench().store.reap(LONG_MS, 1, false)).toMatchObject({ requeued: ['a'], crashed: [] });
    }
    expect(await die(1)).toMatchObject({ crashed: ['a'] });
  });

  test('a run that went on for long begins the row anew', async () => {
    await bench().enqueue('a');
    for (let times = 0; times < 4; times++) {
      await bench().beginNext();
      await bench().age('a', { started: String(1000.5 * 1000 - 10 * LONG_MS - 1) });
      expect(await bench().store.reap(LONG_MS, 2)).toMatchObject({ requeued: ['a'], crashed: [] });
    }
  });
}

function describeForeign(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  async function runElsewhere(fields: Readonly<Record<string, string>>): Promise<void> {
    await bench().raw.hset(bench().keys.task('a'), { task: 'probe', data: '{}', state: 'RUNNING', ...fields });
    await bench().raw.sadd(bench().keys.taskSet, 'a');
  }

  test('a task of a dead foreign worker is put back', async () => {
    await runElsewhere({ last_update: String(Date.now() / 1000 - 3600) });
    expect(await bench().store.reap(LONG_MS)).toEqual({ ...NOTHING, requeued: ['a'] });
    expect(await bench().hash('a')).toMatchObject({ state: 'WAIT' });
    expect(await bench().queue()).toEqual(['a']);
    await bench().expectEvents('a', ['requeue', null]);
  });

  test('a foreign task that never gave a sign of life is put back', async () => {
    await runElsewhere({});
    expect(await bench().store.reap(LONG_MS)).toMatchObject({ requeued: ['a'] });
  });

  test('a task of a living foreign worker is left alone', async () => {
    await runElsewhere({ last_update: String(Date.now() / 1000) });
    expect(await bench().store.reap(LONG_MS)).toEqual(NOTHING);
    expect(await bench().hash('a')).toMatchObject({ state: 'RUNNING' });
  });

  test('a foreign worker that dies after the first pass is found', async () => {
    await runElsewhere({ last_update: String(Date.now() / 1000) });
    await bench().reapUntil('requeued', 'a', 30);
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a local task of a dead foreign worker is removed', async () => {
    await runElsewhere({ local: 'true' });
    expect(await bench().store.reap(LONG_MS)).toMatchObject({ removed: ['a'] });
    expect(await bench().hash('a')).toEqual({});
  });
}

function describeHalfDone(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('an active id without a hash is taken out of the set', async () => {
    await bench().raw.sadd(bench().keys.taskSet, 'a');
    expect(await bench().store.reap(LONG_MS)).toEqual(NOTHING);
    expect(await bench().active()).toEqual([]);
  });

  test('a task that ended and was not put into the end queue is put there', async () => {
    await bench().begin('a', { leaseMs: INSTANT_MS });
    await bench().raw.hset(bench().keys.task('a'), { state: 'SUCCESS' });
    await bench().reapUntil('settled', 'a');
    expect(await bench().endQueue()).toEqual(['a']);
    expect(await bench().active()).toEqual([]);
  });

  test('a task that ended and was put into the end queue only leaves the active set', async () => {
    await bench().begin('a');
    await bench().age('a', { state: 'SUCCESS' });
    await bench().raw.lpush(bench().keys.endQueue, 'a');
    await bench().store.reap(LONG_MS);
    expect(await bench().endQueue()).toEqual(['a']);
    expect(await bench().active()).toEqual([]);
  });

  test('a task that has just ended is left to its worker', async () => {
    await bench().begin('a');
    await bench().raw.hset(bench().keys.task('a'), { state: 'SUCCESS' });
    await bench().raw.del(bench().keys.leases);
    expect(await bench().store.reap(LONG_MS)).toEqual(NOTHING);
    expect(await bench().active()).toEqual(['a']);
  });

  test('an ended task that is never to be cleaned up stays in the active set', async () => {
    await bench().end('a', 'SUCCESS', { cleanup: false });
    await bench().age('a');
    expect(await bench().store.reap(LONG_MS)).toEqual(NOTHING);
    expect(await bench().active()).toEqual(['a']);
    expect(await bench().endQueue()).toEqual([]);
  });
}

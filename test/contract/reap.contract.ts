import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS, newTask, outcome, started } from './bench';

export function describeReap(makeBackend: MakeBackend): void {
  describe('reap, runs', () => describeRuns(makeBackend));
  describe('reap, runs of foreign workers', () => describeForeign(makeBackend));
  describe('reap, what was left half done', () => describeHalfDone(makeBackend));
}

const NOTHING = { requeued: [], removed: [], stopped: [], settled: [], returned: [] };

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

  test('a task that was set to wait and not put into the queue is put there, once', async () => {
    await bench().begin('a', { leaseMs: INSTANT_MS });
    await bench().raw.hset(bench().keys.task('a'), { state: 'WAIT' });
    await bench().reapUntil('requeued', 'a');
    expect(await bench().store.reap(INSTANT_MS)).toEqual(NOTHING);
    expect(await bench().queue()).toEqual(['a']);
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

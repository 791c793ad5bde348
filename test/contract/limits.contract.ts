import type { LanedTask } from '../../src/store/limits';
import type { OpenedRun } from '../../src/store/worker-store';
import { laneOf } from '../../src/task/lane';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { LONG_MS, outcome } from './bench';
import { describeFreed } from './freed.contract';
import { limitsOf, ONE_AT_A_TIME, PROBES, useLimits } from './limits-bench';

export function describeLimits(makeBackend: MakeBackend): void {
  describe('a task under limits', () => describeLaned(makeBackend));
  describe('a place under limits is freed', () => describeFreed(makeBackend));
}

function describeLaned(makeBackend: MakeBackend): void {
  const { bench, enqueue, take, open, begin } = useLimits(makeBackend);

  function laned(id: string, key = ''): LanedTask {
    return { id, name: 'probe', lane: laneOf(key), createdMs: undefined, priority: 5 };
  }

  test('is not begun where it holds no place, and can be put into its lane', async () => {
    await bench().enqueue('a', { data: '{"n":1}', priority: 3 });
    await bench().take({ limits: ONE_AT_A_TIME });
    const [opened] = await bench().open(['a'], { limited: PROBES });
    const createdMs = (await bench().reader.get(['a']))[0]?.createdMs;
    expect(opened).toEqual({ kind: 'limited', name: 'probe', data: '{"n":1}', createdMs, priority: 3 });
    expect(await bench().store.park('w1', [laned('a')])).toEqual(['parked']);
    expect(await bench().inbox('w1')).toEqual([]);
    expect(await bench().reader.counts()).toMatchObject({ waiting: 1 });
    const [run] = await begin(ONE_AT_A_TIME);
    expect(run).toMatchObject({ kind: 'run', lease: { id: 'a', limited: 'probe' } });
  });

  test('is begun all the same where it is exempt', async () => {
    await bench().enqueue('a');
    await bench().take({ limits: ONE_AT_A_TIME });
    const [run] = await bench().open(['a'], { limited: PROBES, exempt: new Set(['a']) });
    expect(run).toMatchObject({ kind: 'run' });
  });

  test('that another worker has by now is not parked', async () => {
    expect(await bench().store.park('w1', [laned('a')])).toEqual(['gone']);
    expect(await bench().reader.counts()).toMatchObject({ waiting: 0 });
  });

  test('runs as others of its name have ended', async () => {
    const limits = limitsOf({ total: { concurrency: 2 } });
    await enqueue('', 'a', 'b', 'c', 'd');
    const runs = await begin(limits);
    expect(runs.map(({ lease }) => lease.id)).toEqual(['a', 'b']);
    expect(await take(limits, 10, 'w2')).toEqual([]);
    await bench().store.finish((runs[0] as OpenedRun).lease, outcome('SUCCESS'));
    expect(await take(limits, 10, 'w2')).toEqual(['c']);
  });

  test('runs as others of its key have ended, whatever the other keys do', async () => {
    const limits = limitsOf({ perKey: { concurrency: 1 } });
    await enqueue('acme', 'a1', 'a2');
    await enqueue('other', 'o1', 'o2');
    const runs = await begin(limits);
    expect(runs.map(({ lease }) => lease.id)).toEqual(['a1', 'o1']);
    await bench().store.finish((runs[0] as OpenedRun).lease, outcome('ERROR'));
    expect(await take(limits)).toEqual(['a2']);
  });

  test('does not wait for the many of another key', async () => {
    await enqueue('acme', ...Array.from({ length: 20 }, (_, n) => `a${n}`));
    await enqueue('other', 'o1');
    expect(await take(limitsOf({ total: { concurrency: 3 } }), 3)).toEqual(['a0', 'o1', 'a1']);
  });

  test('waits in its lane by its priority, and by when it was enqueued', async () => {
    await bench().enqueue('low', { lane: laneOf(''), priority: 9 });
    await enqueue('', 'a', 'b');
    await bench().enqueue('high', { lane: laneOf(''), priority: 0 });
    expect(await take(limitsOf({}))).toEqual(['high', 'a', 'b', 'low']);
  });

  test('begins as often as the rate allows, and a take tells when there is more', async () => {
    const limits = limitsOf({ total: { rate: { max: 2, perMs: LONG_MS } } });
    await enqueue('', 'a', 'b', 'c');
    expect(await take(limits)).toEqual(['a', 'b']);
    const { ids, msUntilMore = 0 } = await bench().take({ limits });
    expect(ids).toEqual([]);
    expect(msUntilMore).toBeGreaterThan(LONG_MS / 4);
    expect(msUntilMore).toBeLessThanOrEqual(LONG_MS / 2);
  });

  test('begins once its rate allows it: a wait ends then', async () => {
    const limits = limitsOf({ total: { rate: { max: 1, perMs: 200 } } });
    await enqueue('', 'a', 'b');
    expect(await take(limits)).toEqual(['a']);
    await eventually(async () => expect((await bench().take({ limits, waitMs: 1_000 })).ids).toEqual(['b']));
  });

  test('has a rate of its key beside others', async () => {
    const limits = limitsOf({ perKey: { rate: { max: 1, perMs: LONG_MS } } });
    await enqueue('acme', 'a1', 'a2');
    await enqueue('other', 'o1');
    expect(await take(limits)).toEqual(['a1', 'o1']);
    await enqueue('third', 't1');
    expect(await take(limits)).toEqual(['t1']);
  });

  test('stands under the limits of its queue as well', async () => {
    const limits = limitsOf({ queue: { concurrency: 1, rate: { max: 2, perMs: LONG_MS } } });
    await enqueue('acme', 'a1', 'a2');
    await enqueue('other', 'o1');
    const [first] = await begin(limits);
    expect(await take(limits)).toEqual([]);
    await bench().store.finish((first as OpenedRun).lease, outcome('SUCCESS'));
    const [second] = await begin(limits);
    expect(second?.lease.id).toBe('o1');
    await bench().store.finish((second as OpenedRun).lease, outcome('SUCCESS'));
    expect(await bench().take({ limits })).toMatchObject({ ids: [], msUntilMore: expect.any(Number) });
  });

  test('is not admitted while its queue is paused', async () => {
    await enqueue('', 'a');
    await bench().store.pauseQueue('default');
    expect(await take(ONE_AT_A_TIME)).toEqual([]);
    await bench().store.resumeQueue('default');
    expect(await take(ONE_AT_A_TIME)).toEqual(['a']);
  });

  test('is removed by a drain', async () => {
    await enqueue('', 'a', 'b');
    const steps = [];
    do steps.push(await bench().store.drainQueue('default', 'drainer', false));
    while (steps.at(-1)?.more);
    expect(steps.reduce((sum, { removed }) => sum + removed, 0)).toBe(2);
    expect(await bench().reader.get(['a', 'b'])).toEqual([undefined, undefined]);
    expect(await bench().reader.counts()).toMatchObject({ waiting: 0 });
  });

  test('has its share of the takes, whatever comes into the queue', async () => {
    await enqueue('', 'laned');
    const limits = limitsOf({});
    const taken: string[] = [];
    for (let nth = 0; nth < 6; nth++) {
      await bench().enqueue(`plain${nth}`);
      taken.push(...(await take(limits, 1)));
    }
    expect(taken).toContain('laned');
  });

  test('does not keep what is in the queue waiting for good', async () => {
    await enqueue('', ...Array.from({ length: 10 }, (_, nth) => `laned${nth}`));
    await bench().enqueue('plain');
    const taken: string[] = [];
    for (let nth = 0; nth < 6; nth++) taken.push(...(await take(limitsOf({}), 1)));
    expect(taken).toContain('plain');
  });

  test('keeps to what one worker may run of its class as well', async () => {
    await enqueue('', 'a', 'b');
    const slots = new Map([['probe', 1]]);
    const opened = await bench().open(await take(limitsOf({})), { limited: PROBES, slots });
    expect(opened.map(({ kind }) => kind)).toEqual(['run', 'held']);
    const [later] = await bench().open(['b'], { limited: PROBES, slots });
    expect(later).toMatchObject({ kind: 'run', lease: { limited: 'probe' } });
  });

  test('may have any text where the time and the priority of its hash are to be', async () => {
    for (const [id, created] of Object.entries({ a: 'soon', b: '1e300', c: '-1' })) {
      await bench().enqueueForeign(id, { created, priority: 'high' });
    }
    const ids = await take(limitsOf({}));
    const opened = await bench().open(ids, { limited: PROBES });
    expect(opened).toMatchObject(Array(3).fill({ kind: 'limited', createdMs: undefined, priority: 5 }));
    await bench().store.park(
      'w1',
      ids.map((id) => laned(id)),
    );
    expect(await take(limitsOf({}))).toEqual(ids);
  });

  test('has one place, and a restart knows it', async () => {
    await enqueue('', 'a');
    expect(await bench().store.restart('a')).toBe('unchanged');
    expect(await bench().queue()).toEqual([]);
    expect(await take(limitsOf({}))).toEqual(['a']);
  });

  test('holds its place while it is in hand: who puts it back does not give it to others', async () => {
    await enqueue('', 'a', 'b');
    await take(ONE_AT_A_TIME);
    await bench().store.putBack('w1', ['a']);
    expect(await take(ONE_AT_A_TIME, 10, 'w2')).toEqual(['a']);
    expect(await open(['a'], 'w2')).toMatchObject([{ kind: 'limited' }]);
    expect(await bench().store.park('w2', [laned('a')])).toEqual(['admitted']);
    expect(await open(['a'], 'w2')).toMatchObject([{ kind: 'run', lease: { limited: 'probe' } }]);
    expect(await take(ONE_AT_A_TIME, 10, 'w2')).toEqual([]);
  });
}

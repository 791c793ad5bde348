import type { LanedTask, TakeLimits } from '../../src/store/limits';
import type { Opened, OpenedRun } from '../../src/store/worker-store';
import { laneOf } from '../../src/task/lane';
import { type Limit, NO_LIMIT } from '../../src/task/limit';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS, outcome } from './bench';

const PROBES = new Set(['probe']);
const RETRY = { delayMs: 0, error: 'no', event: '{"event":"retry","data":null}' };

function limitsOf(given: { total?: Partial<Limit>; perKey?: Partial<Limit>; queue?: Partial<Limit> }): TakeLimits {
  const [total, perKey, queue] = [given.total, given.perKey, given.queue].map((one) => ({ ...NO_LIMIT, ...one }));
  const names = new Map([
    ['probe', { total: total as Limit, perKey: perKey as Limit, room: Number.POSITIVE_INFINITY }],
  ]);
  return { names, queue: queue as Limit };
}

const ONE_AT_A_TIME = limitsOf({ total: { concurrency: 1 } });

export function describeLimits(makeBackend: MakeBackend): void {
  describe('a task under limits', () => describeLaned(makeBackend));
  describe('a place under limits is freed', () => describeFreed(makeBackend));
}

/** What the tests of limits say again and again. */
function useLimits(makeBackend: MakeBackend) {
  const bench = Bench.use(makeBackend);
  const enqueue = async (key: string, ...ids: readonly string[]) => {
    for (const id of ids) await bench().enqueue(id, { lane: laneOf(key) });
  };
  const take = async (limits: TakeLimits, limit = 10, worker = 'w1') =>
    (await bench().take({ worker, limit, limits })).ids;
  const open = async (ids: readonly string[], worker = 'w1') =>
    (await bench().open(ids, { worker, limited: PROBES })) as OpenedRun[];
  const begin = async (limits: TakeLimits, limit = 10, worker = 'w1') =>
    open(await take(limits, limit, worker), worker);
  return { bench, enqueue, take, open, begin };
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

function describeFreed(makeBackend: MakeBackend): void {
  const { bench, enqueue, take, open, begin } = useLimits(makeBackend);

  async function beginFirst(): Promise<OpenedRun> {
    await enqueue('', 'a', 'next');
    return (await begin(ONE_AT_A_TIME))[0] as OpenedRun;
  }

  /** What was put back holds its place still, or waits for one anew. */
  async function beginReturned(id: string): Promise<OpenedRun> {
    expect(await take(ONE_AT_A_TIME, 10, 'w2')).toEqual([id]);
    const [opened] = (await bench().open([id], { worker: 'w2', limited: PROBES })) as [Opened];
    if (opened.kind === 'run') return opened;
    const lane = laneOf('');
    await bench().store.park('w2', [{ id, name: 'probe', lane, createdMs: 1, priority: 5 }]);
    const ids = await take(ONE_AT_A_TIME, 10, 'w2');
    return (await open(ids.length > 0 ? ids : [id], 'w2'))[0] as OpenedRun;
  }

  /** That of the queue too, and once only. */
  async function expectFreed(): Promise<void> {
    expect(await take(ONE_AT_A_TIME, 10, 'w2')).toContain('next');
    await enqueue('', 'third');
    expect(await take(ONE_AT_A_TIME, 10, 'w2')).not.toContain('third');
  }

  test('as the run ends', async () => {
    const { lease } = await beginFirst();
    expect(await bench().store.finish(lease, outcome('SUCCESS'))).toBe(true);
    expect(await bench().store.finish(lease, outcome('SUCCESS'))).toBe(true);
    await expectFreed();
  });

  test('as it is retried', async () => {
    const { lease } = await beginFirst();
    await bench().store.retry(lease, { ...RETRY, delayMs: LONG_MS });
    await expectFreed();
  });

  test('as it is stopped', async () => {
    const { lease } = await beginFirst();
    await bench().store.settleStop(lease);
    await expectFreed();
  });

  test('as its worker puts it back', async () => {
    const { lease } = await beginFirst();
    await bench().store.requeue([lease]);
    expect(await bench().queue()).toEqual(['a']);
    await expectFreed();
  });

  test('where the task was stopped while it waited', async () => {
    await enqueue('', 'a', 'next');
    await bench().store.requestStop('a');
    expect(await begin(ONE_AT_A_TIME)).toEqual([{ kind: 'used-up' }]);
    await expectFreed();
  });

  test('where the task was removed while it waited', async () => {
    await enqueue('', 'a', 'next');
    await bench().store.remove('a');
    expect(await begin(ONE_AT_A_TIME)).toEqual([{ kind: 'used-up' }]);
    await expectFreed();
  });

  test('as its worker is found dead, for the next run of the task or for others', async () => {
    await beginFirst();
    await bench().age('a');
    await bench().reapUntil('requeued', 'a');
    const run = await beginReturned('a');
    expect(run.lease).toMatchObject({ id: 'a', limited: 'probe' });
    await bench().store.finish(run.lease, outcome('SUCCESS'));
    await expectFreed();
  });

  test('as its worker is found dead that had it in hand', async () => {
    await enqueue('', 'a', 'next');
    await bench().take({ limit: 1, limits: ONE_AT_A_TIME, keepMs: INSTANT_MS });
    await bench().reapUntil('returned', 'a');
    expect(await take(ONE_AT_A_TIME, 1, 'w2')).toEqual(['a']);
    await bench().store.remove('a');
    const opened = await bench().open(['a'], { worker: 'w2', limited: PROBES });
    expect(opened).toEqual([{ kind: 'used-up' }]);
    await eventually(async () => {
      await bench().store.reap(INSTANT_MS);
      expect(await take(ONE_AT_A_TIME, 10, 'w2')).toEqual(['next']);
    });
  });

  test('and is not one of a worker that was silent, once it has the task again', async () => {
    await enqueue('', 'a');
    await bench().take({ limit: 1, limits: ONE_AT_A_TIME, keepMs: INSTANT_MS });
    await bench().reapUntil('returned', 'a');
    await bench().store.finish((await beginReturned('a')).lease, outcome('SUCCESS'));
    await bench().store.restart('a');
    expect(await bench().take({ limits: ONE_AT_A_TIME })).toMatchObject({ ids: ['a'], lapsed: true });
    expect((await open(['a']))[0]).toMatchObject({ kind: 'limited' });
  });

  test('is not freed while the run goes on, however often a monitor looks', async () => {
    await beginFirst();
    for (let pass = 0; pass < 3; pass++) await bench().store.reap(LONG_MS);
    expect(await take(ONE_AT_A_TIME, 10, 'w2')).toEqual([]);
  });
}

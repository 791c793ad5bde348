import type { NewTask } from '../../src/store/producer-store';
import type { OpenedRun } from '../../src/store/worker-store';
import { laneOf } from '../../src/task/lane';
import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, newTask, outcome } from './bench';
import { ONE_AT_A_TIME, PROBES } from './limits-bench';

const START = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const FIRST = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';
const RETRY = { delayMs: 0, error: 'no luck', event: '{"event":"retry","data":null}', trace: FIRST };

/** How a task may be written, and how it is begun then. */
const WAYS: readonly (readonly [name: string, task: Partial<NewTask>])[] = [
  ['at once', {}],
  ['with a delay', { due: { inMs: 0 } }],
  ['into a named queue', { queue: 'mail' }],
  ['with a priority', { priority: 1 }],
  ['with all that a task can have', { cleanup: false, queue: 'mail', priority: 1, deadline: { inMs: 60_000 } }],
];

export function describeTrace(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  async function beginLater(queue?: string): Promise<OpenedRun> {
    return (await bench().openOne(await bench().takeLater(queue), { queue })) as OpenedRun;
  }

  test.each(WAYS)('written %s a task tells its run the context of the start', async (_name, task) => {
    await bench().enqueue('a', { ...task, trace: START });
    expect(await bench().hash('a')).toMatchObject({ trace: START });
    expect((await beginLater(task.queue)).trace).toEqual({ start: START, former: undefined });
  });

  test('so does one that is the only one of its key', async () => {
    const claim = { key: 'acme', policy: 'keep', while: 'unended', windowMs: undefined } as const;
    await bench().store.enqueueUnique(newTask('a', { trace: START }), claim);
    await bench().store.enqueueUnique(newTask('b', { trace: FIRST }), claim);
    expect((await bench().beginNext()).trace).toEqual({ start: START, former: undefined });
  });

  test('so does one that waits in a lane', async () => {
    await bench().enqueue('a', { lane: laneOf(''), trace: START });
    const { ids } = await bench().take({ limits: ONE_AT_A_TIME });
    const opened = await bench().openOne(ids[0] as string, { limited: PROBES });
    expect(opened).toMatchObject({ kind: 'run', trace: { start: START, former: undefined } });
  });

  test('of many tasks each has its own', async () => {
    await bench().store.enqueue([newTask('a', { trace: START }), newTask('b'), newTask('c', { trace: FIRST })]);
    const runs = (await bench().open((await bench().take()).ids)) as OpenedRun[];
    expect(runs.map((run) => run.trace?.start)).toEqual([START, undefined, FIRST]);
  });

  test('a plain program may write it', async () => {
    await bench().enqueueForeign('a', { trace: START });
    expect((await bench().beginNext()).trace).toEqual({ start: START, former: undefined });
  });

  test('without one nothing is written, and nothing told', async () => {
    const run = await bench().begin('a');
    expect(run.trace).toBeUndefined();
    await bench().store.retry(run.lease, { ...RETRY, trace: undefined });
    expect((await beginLater()).trace).toBeUndefined();
    expect(Object.keys(await bench().hash('a')).filter((field) => field.includes('trace'))).toEqual([]);
  });

  test('after a retry the run is told that of the run before it as well', async () => {
    const { lease } = await bench().begin('a', {}, { trace: START });
    await bench().store.retry(lease, RETRY);
    expect((await beginLater()).trace).toEqual({ start: START, former: FIRST });
  });

  test('of a task whose start was not traced it is told that of the run before it alone', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.retry(lease, RETRY);
    expect((await beginLater()).trace).toEqual({ start: undefined, former: FIRST });
  });

  test('given back, each task is told its own', async () => {
    const [a, b] = [await bench().begin('a', {}, { trace: START }), await bench().begin('b')];
    await bench().store.requeue([a.lease, b.lease], new Map([['a', FIRST]]));
    const runs = (await bench().open((await bench().take()).ids)) as OpenedRun[];
    const traces = new Map(runs.map(({ lease, trace }) => [lease.id, trace]));
    expect(traces.get('a')).toEqual({ start: START, former: FIRST });
    expect(traces.get('b')).toBeUndefined();
  });

  test('a run that a dead worker has begun is followed by one of the same trace', async () => {
    await bench().begin('a', {}, { trace: START });
    await bench().age('a');
    await bench().reapUntil('requeued', 'a', INSTANT_MS);
    expect((await bench().beginNext()).trace).toEqual({ start: START, former: undefined });
  });

  test('a reloaded run stays in its trace', async () => {
    const { lease } = await bench().begin('a', {}, { trace: START });
    const next = await bench().store.reopen('w1', lease, 60_000);
    expect(next?.trace).toEqual({ start: START, former: undefined });
  });

  test('restarted, a task keeps the context of its start and begins anew with its runs', async () => {
    const { lease } = await bench().begin('a', {}, { trace: START });
    await bench().store.retry(lease, RETRY);
    await bench().store.finish((await beginLater()).lease, outcome('ERROR'));
    expect(await bench().store.restart('a')).toBe('done');
    expect((await bench().beginNext()).trace).toEqual({ start: START, former: undefined });
    expect(await bench().hash('a')).not.toHaveProperty('attempt_trace');
  });

  test('pushed again by a plain program it does so as well', async () => {
    const { lease } = await bench().begin('a', {}, { trace: START });
    await bench().store.retry(lease, RETRY);
    await bench().store.finish((await beginLater()).lease, outcome('ERROR'));
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    expect((await bench().beginNext()).trace).toEqual({ start: START, former: undefined });
    expect(await bench().hash('a')).not.toHaveProperty('attempt_trace');
  });

  test('a new task of the id has nothing of an earlier one', async () => {
    const { lease } = await bench().begin('a', {}, { trace: START });
    await bench().store.retry(lease, RETRY);
    await bench().store.finish((await beginLater()).lease, outcome('ERROR'));
    const run = await bench().begin('a');
    expect(run.trace).toBeUndefined();
    expect(Object.keys(await bench().hash('a')).filter((field) => field.includes('trace'))).toEqual([]);
  });
}

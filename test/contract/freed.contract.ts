import type { Opened, OpenedRun } from '../../src/store/worker-store';
import { laneOf } from '../../src/task/lane';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { INSTANT_MS, LONG_MS, outcome } from './bench';
import { ONE_AT_A_TIME, PROBES, useLimits } from './limits-bench';

const RETRY = { delayMs: 0, error: 'no', event: '{"event":"retry","data":null}' };

export function describeFreed(makeBackend: MakeBackend): void {
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

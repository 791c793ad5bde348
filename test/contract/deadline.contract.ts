import type { OpenedRun } from '../../src/store/worker-store';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS, outcome } from './bench';

const DEADLINE = { deadline: { inMs: LONG_MS } };
const RETRY = { delayMs: 0, error: 'no', event: '{"event":"retry","data":null}' };

export function describeDeadline(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  function expectLeft({ leftMs = Number.NaN }: OpenedRun): void {
    expect(leftMs).toBeGreaterThan(LONG_MS / 2);
    expect(leftMs).toBeLessThanOrEqual(LONG_MS);
  }

  test('is told by the record, and counts from the start', async () => {
    await bench().enqueue('a', DEADLINE);
    const [record] = await bench().reader.get(['a']);
    expect((record?.deadlineMs as number) - (record?.createdMs as number)).toBe(LONG_MS);
  });

  test('is told when a run begins; most tasks have none', async () => {
    expectLeft(await bench().begin('a', {}, DEADLINE));
    expect((await bench().begin('b')).leftMs).toBeUndefined();
  });

  test('that is over is told as well', async () => {
    await bench().enqueue('a', { deadline: { atMs: 1_000 } });
    expect((await bench().beginNext()).leftMs).toBeLessThan(0);
  });

  test('holds for the runs after a retry and a reload', async () => {
    const { lease } = await bench().begin('a', {}, DEADLINE);
    expectLeft((await bench().store.reopen('w1', lease, LONG_MS)) as OpenedRun);
    await bench().end('b', 'SUCCESS');
    const first = await bench().begin('c', {}, DEADLINE);
    await bench().store.retry(first.lease, RETRY);
    await eventually(async () => expectLeft(await bench().beginNext()));
  });

  test.each(['restart', 'push by hand', 'enqueue'] as const)('is that of one life: a %s has none', async (how) => {
    const { lease } = await bench().begin('a', {}, DEADLINE);
    await bench().store.finish(lease, outcome('ERROR'));
    if (how === 'restart') await bench().store.restart('a');
    else if (how === 'enqueue') await bench().enqueue('a');
    else await bench().raw.lpush(bench().keys.newQueue, 'a');
    expect((await bench().beginNext()).leftMs).toBeUndefined();
    expect(await bench().reader.get(['a'])).toMatchObject([{ deadlineMs: undefined }]);
  });
}

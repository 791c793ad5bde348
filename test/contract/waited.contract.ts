import type { MakeBackend } from './backend';
import { Bench } from './bench';

/** Longer than what any call takes. */
const LONG_AGO_MS = 60_000;
const timed = { timed: true };

/** How long a task has waited, where a worker asks for it. */
export function describeWaited(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  /** Begins a task as if these fields had been written some time ago. */
  async function waitedMs(agoMs: Readonly<Record<string, number>>): Promise<number | undefined> {
    await bench().enqueue('a');
    const times = Object.entries(agoMs).map(([field, ms]) => [field, String(Date.now() - ms)]);
    await bench().raw.hset(bench().keys.task('a'), Object.fromEntries(times));
    return (await bench().beginNext(timed)).waitedMs;
  }

  function expectAbout(actualMs: number | undefined, expectedMs: number): void {
    expect(actualMs).toBeGreaterThanOrEqual(expectedMs);
    expect(actualMs).toBeLessThan(expectedMs + LONG_AGO_MS / 2);
  }

  test('is not told unless asked for', async () => {
    expect(await bench().begin('a')).not.toHaveProperty('waitedMs', expect.any(Number));
  });

  test('is the time since it was enqueued', async () => {
    expectAbout((await bench().begin('a', timed)).waitedMs, 0);
  });

  test('of a task of long ago is long', async () => {
    expectAbout(await waitedMs({ created: LONG_AGO_MS }), LONG_AGO_MS);
  });

  test('begins when it was due', async () => {
    expectAbout(await waitedMs({ created: 10 * LONG_AGO_MS, due: LONG_AGO_MS }), LONG_AGO_MS);
  });

  test('begins when it was restarted', async () => {
    expectAbout(await waitedMs({ created: 10 * LONG_AGO_MS, restarted: LONG_AGO_MS }), LONG_AGO_MS);
  });

  test('of a task that was put back begins with the last sign of life of its run', async () => {
    const { lease } = await bench().begin('a');
    await bench().raw.hset(bench().keys.task('a'), { created: String(Date.now() - LONG_AGO_MS) });
    await bench().store.requeue([lease]);
    const run = await bench().beginNext(timed);
    expectAbout(run.waitedMs, 0);
    expect(run.attempt).toBe(2);
  });

  test('of a clock that is behind is none', async () => {
    expect(await waitedMs({ created: -LONG_AGO_MS })).toBe(0);
  });

  test('is not known of a task whose producer wrote no time', async () => {
    await bench().enqueueForeign('a');
    expect((await bench().beginNext(timed)).waitedMs).toBeUndefined();
  });

  test('changes nothing else that is told of a run', async () => {
    const { lease: _, ...plain } = await bench().begin('a', {}, { cleanup: false });
    const { lease: __, waitedMs, ...asked } = await bench().begin('b', timed, { cleanup: false });
    expect(asked).toEqual(plain);
    expectAbout(waitedMs, 0);
  });
}

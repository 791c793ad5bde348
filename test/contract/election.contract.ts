import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, LONG_MS } from './bench';

/** Of all the processes that ask for a duty one does it. */
export function describeElection(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);

  test('one of many is elected, and the others hear when to ask again', async () => {
    const replies = await Promise.all(
      ['w1', 'w2', 'w3'].map((worker) => bench().store.elect('monitor', worker, LONG_MS)),
    );
    expect(replies.filter((reply) => reply === 0)).toHaveLength(1);
    for (const reply of replies.filter((one) => one !== 0)) {
      expect(reply).toBeGreaterThan(LONG_MS - 10_000);
      expect(reply).toBeLessThanOrEqual(LONG_MS);
    }
  });

  test('each duty has an election of its own', async () => {
    expect(await bench().store.elect('monitor', 'w1', LONG_MS)).toBe(0);
    expect(await bench().store.elect('orphans', 'w2', LONG_MS)).toBe(0);
  });

  test('another is elected when the time of the first is over', async () => {
    expect(await bench().store.elect('monitor', 'w1', 20)).toBe(0);
    await eventually(async () => expect(await bench().store.elect('monitor', 'w2', LONG_MS)).toBe(0));
  });
}

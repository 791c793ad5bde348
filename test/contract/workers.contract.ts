import type { WorkerRecord } from '../../src/store/worker-records';
import { eventually } from '../support/eventually';
import type { MakeBackend } from './backend';
import { Bench, INSTANT_MS, LONG_MS, newTask } from './bench';

/** What a reader must tell of workers. */
export function describeWorkers(makeBackend: MakeBackend): void {
  const bench = Bench.use(makeBackend);
  const workers = () => bench().reader.workers();
  const worker = async (id: string) => (await workers()).find((one) => one.id === id) as WorkerRecord;

  test('where none takes, none is told', async () => {
    await bench().enqueue('a');
    expect(await workers()).toEqual([]);
  });

  test('each is told by id, with the queues that it takes from, and until when what it holds is its own', async () => {
    const beforeMs = Date.now();
    await bench().take({ worker: 'w2', queue: 'mail' });
    await bench().take({ worker: 'w2' });
    await bench().take({ worker: 'w1', queue: 'mail' });
    const told = await workers();
    expect(told).toMatchObject([
      { id: 'w1', queues: ['mail'], taken: 0, running: 0, overdue: false, seenMs: undefined },
      { id: 'w2', queues: ['default', 'mail'], taken: 0, running: 0, overdue: false, seenMs: undefined },
    ]);
    for (const { untilMs } of told) expect(Math.abs(untilMs - beforeMs - LONG_MS)).toBeLessThan(10_000);
  });

  test('what is taken and not begun is counted over all queues', async () => {
    await bench().store.enqueue(['a', 'b'].map((id) => newTask(id)));
    await bench().enqueue('m', { queue: 'mail' });
    await bench().take();
    await bench().take({ queue: 'mail' });
    expect(await worker('w1')).toMatchObject({ taken: 3, running: 0 });
  });

  test('runs are counted, local ones not, and tell when the worker was seen last', async () => {
    await bench().begin('a');
    await bench().begin('b');
    await bench().end('ended');
    await bench().store.openLocal('w1', newTask('local'), LONG_MS);
    await bench().begin('of another', { worker: 'w2' });
    expect(await worker('w1')).toMatchObject({ taken: 0, running: 2 });
    const lastUpdates = await Promise.all(['a', 'b', 'local'].map((id) => bench().hash(id)));
    const latest = Math.max(...lastUpdates.map((hash) => Math.round(Number(hash.last_update) * 1_000)));
    expect((await worker('w1')).seenMs).toBe(latest);
    expect(await worker('w2')).toMatchObject({ running: 1 });
  });

  test('a local task alone is a sign of life', async () => {
    await bench().take();
    await bench().store.openLocal('w1', newTask('local'), LONG_MS);
    expect(await worker('w1')).toMatchObject({ running: 0, seenMs: expect.any(Number) });
  });

  test('without runs is told what they take from and hold, and nothing of what they run', async () => {
    await bench().begin('a');
    await bench().enqueue('b');
    await bench().take();
    expect(await bench().reader.workers({ runs: false })).toEqual([
      { ...(await worker('w1')), running: undefined, seenMs: undefined },
    ]);
    expect(await worker('w1')).toMatchObject({ taken: 1, running: 1 });
  });

  test('one that fell silent is overdue, with what it has in hand', async () => {
    await bench().enqueue('a');
    await bench().take({ keepMs: INSTANT_MS });
    await eventually(async () => expect(await worker('w1')).toMatchObject({ overdue: true, taken: 1 }));
  });

  test('one that has left is told no more', async () => {
    await bench().take();
    await bench().store.leave('w1');
    expect(await workers()).toEqual([]);
  });
}

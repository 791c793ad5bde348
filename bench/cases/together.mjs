import { times } from '../harness/goals.mjs';

const CONCURRENCY = 100;

/** A producer enqueues one by one, 1,000 in flight, while a worker works: from the first call to the last outcome. */
export const together = {
  name: 'together',
  title: 'producer and worker together, concurrency 100',
  how: '20,000 tasks, enqueued as in the first case while a worker runs them; until the last outcome is in Redis.',
  measures: [{ key: 'rate', unit: '/s', better: 'higher', goals: [times(5, 'bullmq', 'BullMQ')] }],

  async run(cell) {
    const count = cell.quick ? 6_000 : 20_000;
    await cell.warmUp(CONCURRENCY);
    await cell.producer.call('open', { port: cell.port });
    await cell.openWorker(CONCURRENCY);
    const [{ startedUs }, { writtenUs }] = await Promise.all([
      cell.producer.call('enqueueEach', { count, inFlight: 1_000 }),
      cell.worker.call('untilWritten', { count }),
    ]);
    return { rate: (count * 1_000_000) / (writtenUs - startedUs) };
  },
};

import { atLeast, times } from '../harness/goals.mjs';

const CONCURRENCY = 1_000;

/** Tasks that wait 10 ms: with 1,000 at a time, 100,000/s would be ideal. */
export const ioBound = {
  name: 'io-bound',
  title: 'IO-bound (10 ms), concurrency 1,000',
  how: '20,000 tasks that wait 10 ms each; until the last outcome is in Redis.',
  measures: [
    { key: 'rate', unit: '/s', better: 'higher', goals: [times(5, 'bullmq', 'BullMQ'), atLeast(60_000, '/s')] },
  ],

  async run(cell) {
    const count = cell.quick ? 6_000 : 20_000;
    await cell.warmUp(CONCURRENCY);
    await cell.fill(count);
    await cell.openWorker(CONCURRENCY, 'wait10ms');
    const { firstStartUs, writtenUs } = await cell.worker.call('untilWritten', { count });
    return { rate: (count * 1_000_000) / (writtenUs - firstStartUs) };
  },
};

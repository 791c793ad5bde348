import { shareOfCeiling, times } from '../harness/goals.mjs';

const FAST = [times(5, 'bullmq', 'BullMQ'), times(4, 'bee-queue', 'bee-queue'), shareOfCeiling(0.6)];

/** From the start of the first task until the outcome of the last is in Redis. */
function drain(concurrency, sizes, goals, alsoCleaned = false) {
  return {
    name: `drain-${concurrency}`,
    title: `drain, no-op, concurrency ${concurrency.toLocaleString('en-US')}`,
    how: `${sizes.full.toLocaleString('en-US')} tasks, from the first start until the outcome of the last is in Redis${alsoCleaned ? '; cleaned up: until the end queue is empty too, which only taskwarden has' : ''}.`,
    measures: [{ key: 'rate', unit: '/s', better: 'higher', goals }, ...(alsoCleaned ? [CLEANED] : [])],

    async run(cell) {
      const count = cell.quick ? sizes.quick : sizes.full;
      await cell.warmUp(concurrency);
      await cell.fill(count);
      await cell.openWorker(concurrency);
      const { firstStartUs, writtenUs } = await cell.worker.call('untilWritten', { count });
      const perSecond = (endUs) => (count * 1_000_000) / (endUs - firstStartUs);
      const rate = perSecond(writtenUs);
      // A quick drain is over before a clean-up that slept at its start has woken.
      if (!alsoCleaned || cell.quick) return { rate };
      const { cleanedUs } = await cell.worker.call('untilCleaned');
      return { rate, cleaned: perSecond(Math.max(writtenUs, cleanedUs)) };
    },
  };
}

/** What goes on after the end: ours takes ended tasks out of the end queue, hands them to a handler, lets them expire. */
const CLEANED = { key: 'cleaned', title: 'until cleaned up as well', unit: '/s', better: 'higher' };

export const drains = [
  drain(1, { full: 3_000, quick: 1_000 }, [times(2, 'bullmq', 'BullMQ')]),
  drain(10, { full: 10_000, quick: 2_000 }, []),
  drain(100, { full: 20_000, quick: 5_000 }, FAST, true),
  drain(1_000, { full: 30_000, quick: 10_000 }, FAST, true),
];

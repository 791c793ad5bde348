import { shareOfCeiling, times } from '../harness/goals.mjs';

export const enqueueBulk = {
  name: 'enqueue-bulk',
  title: 'enqueue in bulk, 1,000 a call',
  how: "50,000 tasks by the system's own call for many (taskwarden: `startMany`), 1,000 a call, one call after the other.",
  measures: [{ key: 'rate', unit: '/s', better: 'higher', goals: [times(6, 'bullmq', 'BullMQ'), shareOfCeiling(0.7)] }],

  async run({ producer, port, quick }) {
    const count = quick ? 10_000 : 50_000;
    await producer.call('open', { port });
    const { startedUs, endedUs } = await producer.call('enqueueBulk', { count, perCall: 1_000 });
    return { rate: (count * 1_000_000) / (endedUs - startedUs) };
  },
};

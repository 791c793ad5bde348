import { shareOfCeiling, times } from '../harness/goals.mjs';

export const enqueueEach = {
  name: 'enqueue-each',
  title: 'enqueue one by one, 1,000 in flight',
  how: '40,000 tasks by single calls, 1,000 of which wait for their answers at any time. taskwarden and the ceiling loop send what one turn of the event loop starts together; the others send each by itself.',
  measures: [{ key: 'rate', unit: '/s', better: 'higher', goals: [times(4, 'bullmq', 'BullMQ'), shareOfCeiling(0.7)] }],

  async run({ producer, port, quick }) {
    const count = quick ? 10_000 : 40_000;
    await producer.call('open', { port });
    const { startedUs, endedUs } = await producer.call('enqueueEach', { count, inFlight: 1_000 });
    return { rate: (count * 1_000_000) / (endedUs - startedUs) };
  },
};

import { times, under } from '../harness/goals.mjs';
import { countSent, redisCounts, redisCpuSeconds } from '../harness/redis-usage.mjs';

const CONCURRENCY = 100;

/** A whole life: enqueued one by one, drained, and whatever is done for it after its end. */
async function lives(cell, count) {
  await cell.producer.call('open', { port: cell.port });
  await cell.producer.call('enqueueEach', { count, inFlight: 1_000 });
  await cell.openWorker(CONCURRENCY);
  await cell.worker.call('untilWritten', { count });
  await cell.worker.call('untilCleaned');
  await cell.closeWorker();
  await cell.producer.call('close');
}

export const cost = {
  name: 'cost',
  title: 'per task, enqueue and drain at concurrency 100',
  how: '10,000 tasks enqueued one by one, then drained: what Redis and the two processes spend on them, the clean-up that falls into that time included.',
  measures: [
    {
      key: 'commands',
      title: 'Redis commands, those within scripts too',
      unit: '',
      better: 'lower',
      goals: [under(8)],
    },
    { key: 'sent', title: 'Redis commands sent by clients', unit: '', better: 'lower' },
    { key: 'reads', title: 'reads from sockets by Redis', unit: '', better: 'lower' },
    { key: 'redisCpu', title: 'Redis CPU', unit: 'µs', better: 'lower', goals: [times(4, 'bullmq', 'BullMQ')] },
    { key: 'clientCpu', title: 'client CPU', unit: 'µs', better: 'lower' },
  ],

  async run(cell) {
    const count = cell.quick ? 3_000 : 10_000;
    const [cpu, clientCpu] = [await redisCpuSeconds(cell.redis), await cell.cpuSeconds()];
    await cell.redis.config('RESETSTAT');
    await lives(cell, count);
    const { commands, reads } = await redisCounts(cell.redis);
    const redisCpu = ((await redisCpuSeconds(cell.redis)) - cpu) / count;
    const client = ((await cell.cpuSeconds()) - clientCpu) / count;
    const counted = count / 4;
    const sent = await countSent(cell.redis, () => lives(cell, counted));
    return {
      commands: commands / count,
      sent: sent / counted,
      reads: reads / count,
      redisCpu: redisCpu * 1_000_000,
      clientCpu: client * 1_000_000,
    };
  },
};

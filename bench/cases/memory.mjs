import { times } from '../harness/goals.mjs';
import { redisMemoryBytes } from '../harness/redis-usage.mjs';

/** What Redis holds more once the tasks wait, shared by their number. Clients are closed at both looks. */
export const memory = {
  name: 'memory',
  title: 'Redis memory per waiting task, {"text":"hello world"}',
  how: 'what 50,000 waiting tasks add to `used_memory`, by one; measured once.',
  samplesItself: true, // Hardly differs from round to round.
  measures: [{ key: 'bytes', unit: 'bytes', better: 'lower', goals: [times(1, 'bullmq', 'BullMQ')] }],

  async run(cell) {
    const count = cell.quick ? 10_000 : 50_000;
    const before = await redisMemoryBytes(cell.redis);
    await cell.fill(count);
    return { bytes: ((await redisMemoryBytes(cell.redis)) - before) / count };
  },
};

import { randomUUID } from 'node:crypto';
import { Queue, Reaper, RedisStorage } from '@platformatic/job-queue';
import { versionOf } from './versions.mjs';

/** @type {import('./index.mjs').Adapter} */
export const adapter = {
  title: 'Platformatic',
  version: versionOf('@platformatic/job-queue'),
  settings: 'defaults, with a Reaper beside the worker, as its README separates producer and worker',
  guarantees: { result: 'yes, 1 h', event: 'yes, each change of state', crash: 'yes' },

  async openProducer({ port }) {
    const queue = new Queue({ storage: open(port) });
    await queue.start();
    return {
      enqueue: (text) => queue.enqueue(randomUUID(), { text }),
      // No call for many.
      enqueueBulk: (texts) => Promise.all(texts.map((text) => queue.enqueue(randomUUID(), { text }))),
      enqueueAndWait: (text) => queue.enqueueAndWait(randomUUID(), { text }, { timeout: 30_000 }),
      close: () => queue.stop(),
    };
  },

  async openWorker({ port, concurrency, handle }) {
    const storage = open(port);
    const queue = new Queue({ storage, concurrency, workerId: `worker-${process.pid}` });
    const reaper = new Reaper({ storage, visibilityTimeout: 30_000 });
    queue.on('error', (error) => console.error('Platformatic:', error.message));
    queue.execute(async (job) => handle(job.payload.text));
    await queue.start();
    await reaper.start();
    return {
      close: async () => {
        // The queue disconnects the storage: the reaper first.
        await reaper.stop();
        await queue.stop();
      },
    };
  },

  async unwritten(redis) {
    const workers = await redis.hkeys('jq:workers');
    const lengths = await Promise.all(workers.map((worker) => redis.llen(`jq:processing:${worker}`)));
    return lengths.reduce((sum, length) => sum + length, 0);
  },
};

function open(port) {
  return new RedisStorage({ url: `redis://127.0.0.1:${port}` });
}

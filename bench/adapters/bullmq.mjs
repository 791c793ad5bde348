import { Queue, QueueEvents, Worker } from 'bullmq';
import { versionOf } from './versions.mjs';

const NAME = 'bench';

/** @type {import('./index.mjs').Adapter} */
export const adapter = {
  title: 'BullMQ',
  version: versionOf('bullmq'),
  // https://docs.bullmq.io/guide/workers/auto-removal-of-jobs
  settings: 'removeOnComplete { count: 1000 }, removeOnFail { count: 5000 }, as its guide gives for production',
  guarantees: { result: 'yes, the last 1,000', event: 'yes, added, start and end', crash: 'yes' },

  async openProducer({ port, awaitsResults }) {
    const connection = { host: '127.0.0.1', port };
    const queue = new Queue(NAME, { connection });
    const events = awaitsResults ? new QueueEvents(NAME, { connection }) : undefined;
    await queue.waitUntilReady();
    await events?.waitUntilReady();
    return {
      enqueue: (text) => queue.add('echo', { text }),
      enqueueBulk: (texts) => queue.addBulk(texts.map((text) => ({ name: 'echo', data: { text } }))),
      enqueueAndWait: async (text) => (await queue.add('echo', { text })).waitUntilFinished(events),
      close: () => Promise.all([queue.close(), events?.close()]),
    };
  },

  async openWorker({ port, concurrency, handle }) {
    const worker = new Worker(NAME, async (job) => handle(job.data.text), {
      connection: { host: '127.0.0.1', port },
      concurrency,
      removeOnComplete: { count: 1_000 },
      removeOnFail: { count: 5_000 },
    });
    worker.on('error', (error) => console.error('BullMQ:', error.message));
    await worker.waitUntilReady();
    return { close: () => worker.close() };
  },

  unwritten: (redis) => redis.llen(`bull:${NAME}:active`),
};

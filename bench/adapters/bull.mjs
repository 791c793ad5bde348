import Bull from 'bull';
import { versionOf } from './versions.mjs';

const NAME = 'bench';

/** @type {import('./index.mjs').Adapter} */
export const adapter = {
  title: 'Bull',
  version: versionOf('bull'),
  settings: 'removeOnComplete 1000, so that its completed set stays bounded',
  guarantees: { result: 'yes, the last 1,000', event: 'yes, added, start and end', crash: 'yes' },

  async openProducer({ port }) {
    const queue = open(port);
    await queue.isReady();
    return {
      enqueue: (text) => queue.add({ text }),
      enqueueBulk: (texts) => queue.addBulk(texts.map((text) => ({ data: { text } }))),
      enqueueAndWait: async (text) => (await queue.add({ text })).finished(),
      close: () => queue.close(),
    };
  },

  async openWorker({ port, concurrency, handle }) {
    const queue = open(port);
    queue.on('error', (error) => console.error('Bull:', error.message));
    await queue.isReady();
    // Rejects when the queue is closed under it, which is how it ends here.
    queue.process(concurrency, async (job) => handle(job.data.text)).catch(() => {});
    return { close: () => queue.close() };
  },

  unwritten: (redis) => redis.llen(`bull:${NAME}:active`),
};

function open(port) {
  return new Bull(NAME, {
    redis: { host: '127.0.0.1', port },
    defaultJobOptions: { removeOnComplete: 1_000 },
  });
}

import Queue from 'bee-queue';
import { versionOf } from './versions.mjs';

const NAME = 'bench';

/** @type {import('./index.mjs').Adapter} */
export const adapter = {
  title: 'bee-queue',
  version: versionOf('bee-queue'),
  settings:
    'isWorker, getEvents and storeJobs off where not needed; removeOnSuccess; checkStalledJobs every 5 s, as its README says',
  guarantees: { result: 'no, only in the event', event: 'yes, end', crash: 'yes' },

  async openProducer({ port, awaitsResults }) {
    const queue = new Queue(NAME, {
      redis: { host: '127.0.0.1', port },
      isWorker: false,
      getEvents: awaitsResults,
      storeJobs: awaitsResults,
    });
    await queue.ready();
    return {
      enqueue: (text) => queue.createJob({ text }).save(),
      enqueueBulk: async (texts) => {
        const errors = await queue.saveAll(texts.map((text) => queue.createJob({ text })));
        if (errors.size > 0) throw errors.values().next().value;
      },
      enqueueAndWait: async (text) => {
        const job = queue.createJob({ text });
        const result = new Promise((done, failed) => job.on('succeeded', done).on('failed', failed));
        await job.save();
        return result;
      },
      close: () => queue.close(),
    };
  },

  async openWorker({ port, concurrency, handle }) {
    const queue = new Queue(NAME, {
      redis: { host: '127.0.0.1', port },
      getEvents: false,
      storeJobs: false,
      removeOnSuccess: true,
    });
    queue.on('error', (error) => console.error('bee-queue:', error.message));
    await queue.ready();
    queue.process(concurrency, async (job) => handle(job.data.text));
    queue.checkStalledJobs(5_000, () => {});
    return { close: () => queue.close() };
  },

  unwritten: (redis) => redis.llen(`bq:${NAME}:active`),
};

import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { CeilingWorker } from './ceiling-worker.mjs';
import { versionOf } from './versions.mjs';

// Keys: the queue, then one hash for each task. Arguments: id and data of each.
const ENQUEUE = `
for i = 2, #KEYS do redis.call('HSET', KEYS[i], 'task', 'echo', 'data', ARGV[2 * i - 2], 'state', 'WAIT') end
for i = 2, #KEYS do redis.call('LPUSH', KEYS[1], ARGV[2 * i - 3]) end`;

const LARGEST_BATCH = 250;

/** @type {import('./index.mjs').Adapter} */
export const adapter = {
  title: 'ceiling loop',
  version: `ioredis ${versionOf('ioredis')}`,
  settings: 'a bare loop on our wire format: batched scripts, one event a task, the hash deleted at the end',
  guarantees: { result: 'no', event: 'yes, end', crash: 'no' },

  async openProducer({ port, awaitsResults }) {
    const redis = new Redis({ port, host: '127.0.0.1' });
    redis.defineCommand('benchEnqueue', { lua: ENQUEUE });
    const results = awaitsResults ? await listen(port) : undefined;
    let waiting = [];

    async function send(part) {
      const keys = part.map(({ id }) => `task-${id}`);
      const args = part.flatMap(({ id, text }) => [id, JSON.stringify({ text })]);
      try {
        await redis.benchEnqueue(keys.length + 1, 'new-task', ...keys, ...args);
        for (const { resolve } of part) resolve();
      } catch (error) {
        for (const { reject } of part) reject(error);
      }
    }
    function flush() {
      const batch = waiting;
      waiting = [];
      for (let start = 0; start < batch.length; start += LARGEST_BATCH) {
        void send(batch.slice(start, start + LARGEST_BATCH));
      }
    }
    function enqueue(text, id = randomUUID()) {
      return new Promise((resolve, reject) => {
        waiting.push({ id, text, resolve, reject });
        if (waiting.length === 1) setImmediate(flush);
      });
    }
    return {
      enqueue: (text) => enqueue(text),
      enqueueBulk: (texts) => Promise.all(texts.map((text) => enqueue(text))),
      enqueueAndWait: async (text) => {
        const id = randomUUID();
        const result = results.of(id);
        await enqueue(text, id);
        return result;
      },
      close: () => Promise.all([redis.quit(), results?.close()]),
    };
  },

  openWorker: (options) => CeilingWorker.open(options),

  // An ended task is deleted, and nothing else is in this Redis.
  unwritten: (redis) => redis.dbsize(),
};

/** The results of all tasks, by one pattern. */
async function listen(port) {
  const subscriber = new Redis({ port, host: '127.0.0.1' });
  const waiting = new Map();
  await subscriber.psubscribe('task-*');
  subscriber.on('pmessage', (_pattern, channel, text) => {
    waiting.get(channel)?.(JSON.parse(text).data);
    waiting.delete(channel);
  });
  return {
    of: (id) => new Promise((resolve) => waiting.set(`task-${id}`, resolve)),
    close: () => subscriber.quit(),
  };
}

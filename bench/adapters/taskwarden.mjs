import { IsString } from 'class-validator';
// The compiled package, as an application loads it.
import taskwarden from '../../build/src/index.js';
import { versionOf } from './versions.mjs';

const { createApp, Input, Task } = taskwarden;

/** The monitor, the cleanup and the scheduler, which are tasks of their process alone and stand in the active set too. */
const LOCAL_TASKS = 3;

let handle = () => {};

class EchoInput {
  text;
}
class Echo {
  start(input) {
    return handle(input.text);
  }
}
// Decorators called by hand: this folder is plain JavaScript.
IsString()(EchoInput.prototype, 'text');
Input(EchoInput)(Echo.prototype, 'start', 0);
Task('echo')(Echo);

/** @type {import('./index.mjs').Adapter} */
export const adapter = {
  title: 'taskwarden',
  version: versionOf('taskwarden'),
  settings: 'defaults: monitor, cleanup, scheduler, heartbeats, validation and events on; only the log is off',
  guarantees: { result: 'yes, 1 h', event: 'yes, start and end', crash: 'yes' },

  async openProducer({ port }) {
    const app = await createApp({ tasks: [Echo], worker: false, redis: `redis://127.0.0.1:${port}`, logger: false });
    await app.start();
    return {
      enqueue: (text) => app.client.start(Echo, { text }),
      enqueueBulk: async (texts) => {
        const inputs = texts.map((text) => ({ text }));
        const { started } = await app.client.startMany(Echo, inputs);
        if (started !== texts.length) throw new Error(`Only ${started} of ${texts.length} were started.`);
      },
      enqueueAndWait: async (text) => (await app.client.start(Echo, { text })).result(),
      close: () => app.close(),
    };
  },

  async openWorker({ port, concurrency, handle: given }) {
    handle = given;
    const app = await createApp({
      tasks: [Echo],
      worker: { concurrency },
      redis: `redis://127.0.0.1:${port}`,
      logger: false,
    });
    await app.start();
    return { close: () => app.close() };
  },

  unwritten: async (redis) => Math.max(0, (await redis.scard('tasks')) - LOCAL_TASKS),
  uncleaned: (redis) => redis.llen('end-task'),
};

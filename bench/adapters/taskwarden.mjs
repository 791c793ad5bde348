import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { IsString } from 'class-validator';
import { BEFORE_FOLDER } from './index.mjs';
import { versionIn } from './versions.mjs';

const load = async (folder) => (await import(pathToFileURL(join(folder, 'build', 'src', 'index.js')).href)).default;
const knowsBulk = ({ TaskClient }) => 'startMany' in TaskClient.prototype;

/**
 * The adapter of a compiled package, as an application loads it; of earlier ones too, which can do less. Beside an earlier one
 * without a call for many both do it by single starts: what is compared is to do the same.
 * @returns {Promise<import('./index.mjs').Adapter>}
 */
export async function taskwardenAt(folder, title) {
  const taskwarden = await load(folder);
  const { createApp, Input, Task } = taskwarden;
  const hasSchedules = 'Schedule' in taskwarden;
  // The monitor, the cleanup and the scheduler, which are tasks of their process alone and stand in the active set too.
  const localTasks = hasSchedules ? 3 : 2;
  const { [BEFORE_FOLDER]: before } = process.env;
  const hasBulk = knowsBulk(taskwarden) && (!before || knowsBulk(await load(before)));
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

  const connect = (port) => ({ tasks: [Echo], redis: `redis://127.0.0.1:${port}`, logger: false });

  return {
    title,
    version: versionIn(folder),
    settings: `defaults: monitor, cleanup, ${hasSchedules ? 'scheduler, ' : ''}heartbeats, validation and events on; only the log is off${hasBulk ? '' : '; bulk by single starts'}`,
    guarantees: { result: 'yes, 1 h', event: 'yes, start and end', crash: 'yes' },

    async openProducer({ port }) {
      const app = await createApp({ ...connect(port), worker: false });
      await app.start();
      const { client } = app;
      return {
        enqueue: (text) => client.start(Echo, { text }),
        enqueueBulk: hasBulk
          ? async (texts) => {
              const inputs = texts.map((text) => ({ text }));
              const { started } = await client.startMany(Echo, inputs);
              if (started !== texts.length) throw new Error(`Only ${started} of ${texts.length} were started.`);
            }
          : // No call for many: what is started in one turn of the event loop travels together.
            (texts) => Promise.all(texts.map((text) => client.start(Echo, { text }))),
        enqueueAndWait: async (text) => (await client.start(Echo, { text })).result(),
        close: () => app.close(),
      };
    },

    async openWorker({ port, concurrency, handle: given }) {
      handle = given;
      const app = await createApp({ ...connect(port), worker: { concurrency } });
      await app.start();
      return { close: () => app.close() };
    },

    unwritten: async (redis) => Math.max(0, (await redis.scard('tasks')) - localTasks),
    uncleaned: (redis) => redis.llen('end-task'),
  };
}

const root = resolve(import.meta.dirname, '..', '..');

export const adapter = await taskwardenAt(root, 'taskwarden');

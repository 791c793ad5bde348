// A worker of one task class, for `delayed.mjs`: `node delayed-worker.mjs <port>`.
import taskwarden from '../../build/src/index.js';

const { createApp, Task } = taskwarden;

class Delayed {
  start() {}
}
Task('bench-delayed')(Delayed);

const app = await createApp({
  tasks: [Delayed],
  redis: `redis://127.0.0.1:${process.argv[2]}`,
  logger: false,
  monitor: false,
  cleanup: false,
});
await app.start();
console.log('ready');

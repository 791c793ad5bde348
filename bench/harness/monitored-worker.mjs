// Drains so many tasks, for `monitoring.mjs`: `node monitored-worker.mjs <redis port> <tasks> <on|off>`. It tells its address,
// and then how many tasks it ran a second, and its processor's microseconds a task, from the first to the last.
import taskwarden from '../../build/src/index.js';

const { createApp, Task } = taskwarden;
const [port, tasks, mode] = process.argv.slice(2);

let begunMs;
let cpu;
let left = Number(tasks);

class Nothing {
  start() {
    begunMs ??= performance.now();
    cpu ??= process.cpuUsage();
    left -= 1;
    if (left > 0) return;
    const { user, system } = process.cpuUsage(cpu);
    console.log(`${Number(tasks) / ((performance.now() - begunMs) / 1_000)} ${(user + system) / Number(tasks)}`);
  }
}
Task('bench-nothing')(Nothing);

const app = await createApp({
  tasks: [Nothing],
  redis: `redis://127.0.0.1:${port}`,
  logger: false,
  worker: { concurrency: 1_000 },
  monitoring: mode === 'on' && { port: 0 },
});
await app.start();
console.log(app.monitoringUrl ?? '');
process.once('SIGTERM', () => app.close());

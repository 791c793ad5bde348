import { createApp, Task, TaskContext } from 'taskwarden';

/** A worker that prints each change of its health: `red <parts>` or `green`. */

@Task('loop')
class Loop {
  start(task: TaskContext): Promise<void> {
    return new Promise((resolve) => task.signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}

@Task('echo')
class Echo {
  start(): string {
    return 'done';
  }
}

@Task('block')
class Block {
  start(): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
  }
}

async function main(): Promise<void> {
  const app = await createApp({
    tasks: [Loop, Echo, Block],
    redis: process.env.REDIS_URL,
    taskTimeout: Number(process.env.LEASE_MS),
    worker: { grace: 0 },
    monitor: { interval: 200 },
    cleanup: { interval: 100 },
  });
  let last = 'green';
  setInterval(() => {
    const { healthy, problems } = app.health;
    const now = healthy ? 'green' : 'red';
    if (now !== last) console.log(now, problems.map(({ part, problem }) => `${part} (${problem})`).join('; '));
    last = now;
  }, 20);
  const served = app.run();
  app.start().then(
    () => console.log('ready'),
    () => {}, // Told to leave before it was ready, which run() sees to.
  );
  await served;
  process.exit(0);
}

void main();

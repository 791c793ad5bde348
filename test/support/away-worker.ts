import { createApp, Task, TaskContext } from 'taskwarden';

/** A worker for tests of faults; it prints each change of its health: `red <parts>` or `green`. */

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

@Task('stubborn')
class Stubborn {
  start(): Promise<never> {
    return new Promise(() => {});
  }

  stop(): Promise<never> {
    return new Promise(() => {});
  }
}

/** Fails where nobody can catch it, unless it has run before. */
@Task('uncaught')
class Uncaught {
  async start(task: TaskContext): Promise<string> {
    if (task.attempt > 1) return 'done';
    setImmediate(() => {
      throw new Error('thrown where nobody catches it');
    });
    return new Promise(() => {});
  }
}

async function main(): Promise<void> {
  const app = await createApp({
    tasks: [Loop, Echo, Block, Stubborn, Uncaught],
    redis: process.env.REDIS_URL,
    taskTimeout: Number(process.env.LEASE_MS),
    worker: { grace: 0, stopTimeout: Number(process.env.STOP_TIMEOUT_MS ?? 5_000) },
    monitor: { interval: 200 },
    cleanup: { interval: 100 },
  });
  let last = 'green';
  const watch = setInterval(() => {
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
  await served.finally(() => clearInterval(watch));
}

void main();

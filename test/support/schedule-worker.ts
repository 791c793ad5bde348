import { Redis } from 'ioredis';
import { createApp, Schedule, Task, TaskContext } from 'taskwarden';

/** A worker with a schedule, for tests that kill it; each run is noted in the list `ran`, by its id and attempt. */

const redis = new Redis(process.env.REDIS_URL as string);

@Schedule({ every: '1s', overlap: 'queue', catchUp: 'all' })
@Task('tick')
class Tick {
  async start(task: TaskContext): Promise<void> {
    await redis.rpush('ran', `${task.id} ${task.attempt}`);
  }
}

@Task('missed')
class Missed {
  async start(task: TaskContext): Promise<void> {
    await redis.rpush('ran', `${task.id} ${task.attempt}`);
  }
}

async function main(): Promise<void> {
  redis.on('error', () => {}); // Redis is stopped by the test.
  const app = await createApp({
    tasks: process.env.TICKS === 'no' ? [Missed] : [Tick],
    redis: process.env.REDIS_URL,
    logger: false,
    taskTimeout: 1_500,
    worker: { grace: 0 },
    monitor: { interval: 200 },
    cleanup: { interval: 100, retention: 0 },
  });
  const served = app.run();
  app.start().then(
    () => console.log('ready'),
    () => {}, // Told to leave before it was ready, which run() sees to.
  );
  await served;
  redis.disconnect();
}

void main();

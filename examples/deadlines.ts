// A task that must be over in time, whatever it goes through. node build/examples/deadlines.js
import { setTimeout as pause } from 'node:timers/promises';
import { createApp, Task, TaskContext } from 'taskwarden';

// The deadline counts from the start of the task: waiting, all runs and all delays between them are in it.
@Task('quote', { deadline: '2s', retry: { attempts: 100, backoff: 'exponential', delay: 100, jitter: 0 } })
class Quote {
  start(): never {
    throw new Error('the market is closed');
  }
}

@Task('negotiate')
class Negotiate {
  async start(task: TaskContext): Promise<string> {
    await pause(60_000, undefined, { signal: task.signal });
    return 'agreed';
  }
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Quote, Negotiate], redis: process.env.REDIS_URL, logger: false });
  await app.start();
  const quote = await app.client.start(Quote);
  await quote.result().catch(() => {});
  const { state, failures = 0, output = '' } = (await quote.get()) ?? {};
  console.log(`Quote: ${state}, retried: ${failures > 0}, ${output.split('\n')[0]}`);

  const begunMs = Date.now();
  // Of the class that has none, for this task alone.
  const talks = await app.client.start(Negotiate, {}, { id: 'talks', deadline: '100ms' });
  await talks.result().catch(() => {});
  console.log(`Talks: ${(await talks.get())?.output?.split(',')[0]}`);
  console.log(`In time: ${Date.now() - begunMs < 10_000}`);
  await app.close();
}

void main();

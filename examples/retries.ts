// A failed run is followed by another one. node build/examples/retries.js
import { createApp, OnEvent, RetryError, Task, TaskContext, TaskError, TaskEvent } from 'taskwarden';

// Doubles its delay each time: 20 ms, 40 ms. Real ones would be seconds.
@Task('upload', { retry: { attempts: 3, delay: 20, jitter: 0 } })
class Upload {
  start(task: TaskContext): string {
    if (task.attempt < 3) throw new Error(`the server is busy (${task.attempt})`);
    return 'uploaded';
  }

  @OnEvent('retry')
  tellRetry(event: TaskEvent): void {
    const { failures, delayMs } = event.data as { failures: number; delayMs: number };
    console.log(`Failed ${failures} times, again in ${delayMs} ms`);
  }
}

// An expected failure is an end, and not retried.
@Task('find', { retry: { attempts: 3 } })
class Find {
  start(): never {
    throw new TaskError('there is no such file');
  }
}

// Decides by itself when it comes back, however often.
@Task('poll')
class Poll {
  start(task: TaskContext): string {
    if (task.attempt < 4) throw new RetryError('not ready', { delay: 10 });
    return `ready at the ${task.attempt}th look`;
  }
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Upload, Find, Poll], redis: process.env.REDIS_URL, logger: false });
  await app.start();
  const upload = await app.client.start(Upload);
  console.log(`Upload: ${await upload.result()}`);
  const { errors = [] } = (await upload.get()) ?? {};
  console.log(`Its errors: ${errors.map((error) => error.split('\n')[0]).join(', ')}`);
  const find = await app.client.start(Find);
  await find.result().catch((error: Error) => console.log(`Find: ${error.message.split(': ')[1]}`));
  console.log(`Poll: ${await (await app.client.start(Poll)).result()}`);
  await app.close();
}

void main();

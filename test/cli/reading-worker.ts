import { IsInt } from 'class-validator';
import { createApp, Default, Input, Schedule, Task, TaskContext, TaskError } from 'taskwarden';

/** A worker beside the commands that read: tasks that stay, end, fail and recur. */

@Task('greet')
class Greet {
  start(): { readonly greeting: string } {
    return { greeting: 'hello' };
  }
}

@Task('stay')
class Stay {
  async start(task: TaskContext): Promise<void> {
    await task.progress({ percent: 50 });
    await new Promise<void>((resolve) => task.signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}

@Task('chat', { retry: { attempts: 2, delay: 1 } })
class Chat {
  start(task: TaskContext): void {
    task.log.info({ page: 1 }, 'hello \u001b[31m world');
    if (task.attempt === 1) throw new TaskError('again', { retryable: true });
    task.log.warn({}, 'goodbye');
  }
}

class Page {
  @IsInt() page: Default<number> = 1;
}

@Task('fail', { retry: { attempts: 3, delay: 1 } })
class Fail {
  start(@Input() _page: Page): void {
    throw new TaskError('the printer\u001b[31m is on fire', { retryable: true });
  }
}

@Schedule({ cron: '30 4 * * *', tz: 'Europe/Berlin' })
@Task('nightly')
class Nightly {
  start(): void {}
}

async function main(): Promise<void> {
  const app = await createApp({
    tasks: [Greet, Stay, Chat, Fail, Nightly],
    redis: process.env.REDIS_URL,
    taskTimeout: Number(process.env.TASK_TIMEOUT_MS),
    logger: false,
    worker: { grace: 0, heartbeatInterval: Number(process.env.TASK_TIMEOUT_MS) / 4, queues: ['default', 'mail'] },
  });
  const served = app.run();
  await app.start();
  console.log('ready');
  await served;
}

void main();

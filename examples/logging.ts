// What a task logs is kept in a log of its own, too. node build/examples/logging.js
import { createApp, Inject, Injectable, LOGGER, type Logger, Task, TaskContext } from 'taskwarden';

// Made for each run: its lines tell the task, and the attempt.
@Injectable()
class OrderServer {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  fetch(attempt: number): number {
    this.logger.info({ url: 'http://localhost/orders' }, 'Fetching');
    if (attempt > 1) return 3;
    this.logger.warn({ afterMs: 20 }, 'No answer');
    throw new Error('no answer');
  }
}

@Task('import-orders', { retry: { attempts: 2, delay: 10 } })
class ImportOrders {
  constructor(@Inject(OrderServer) private readonly server: OrderServer) {}

  start(task: TaskContext): void {
    const orders = this.server.fetch(task.attempt);
    task.log.debug({ orders }, 'Below the level that is kept');
    task.log.info({ orders }, 'Stored');
  }
}

async function main(): Promise<void> {
  // Silent here: give 'debug', or a pino logger of yours, and the lines go to standard error, or there, as well.
  const app = await createApp({
    tasks: [ImportOrders],
    redis: process.env.REDIS_URL,
    logger: false,
    taskLog: { lines: 100, level: 'info' },
  });
  await app.start();
  const handle = await app.client.start(ImportOrders);
  await handle.result();
  for (const { attempt, level, message, fields } of await handle.log()) {
    console.log(attempt, level, message, JSON.stringify(fields));
  }
  const [last] = await app.client.log(handle.id, { limit: 1 });
  console.log(`The last line: ${last?.message}`);
  await app.close();
}

void main();

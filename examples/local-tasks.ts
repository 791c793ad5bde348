// Tasks of this process alone, and the two that supervise: monitor and cleanup. node build/examples/local-tasks.js
import { setTimeout as pause } from 'node:timers/promises';
import { type CleanupHandler, createApp, Injectable, Task, TaskContext, type TaskRecord } from 'taskwarden';

@Task('order')
class Order {
  start(): string {
    return 'tea for two';
  }
}

@Task('pulse')
class Pulse {
  async start(task: TaskContext): Promise<void> {
    console.log(`Pulse: a local task, in no queue: ${task.local}`);
    while (!task.signal.aborted) await pause(50, undefined, { signal: task.signal }).catch(() => {});
    console.log(`Pulse: ends with the app, ${task.signal.reason.reason}`);
  }
}

class Archive {
  readonly lines: string[] = [];
}

/** Is given every ended task before its retention begins. */
@Injectable()
class KeepOutput implements CleanupHandler {
  constructor(private readonly archive: Archive) {}

  handle(task: TaskRecord): void {
    this.archive.lines.push(`${task.name} ${task.state} ${task.output}`);
  }
}

async function main(): Promise<void> {
  const app = await createApp({
    tasks: [Order, Pulse],
    providers: [Archive],
    redis: process.env.REDIS_URL,
    // Names of its own: what it cleans up is not another app's.
    names: { taskPrefix: 'tea-', taskSet: 'tea-tasks', newQueue: 'tea-new', endQueue: 'tea-end' },
    // Finds tasks whose worker has died: they showed no sign of life for taskTimeout.
    monitor: { interval: '5s' },
    taskTimeout: '30s',
    // Ended tasks are deleted once the handler has had them; the default keeps them for hours.
    cleanup: { interval: 20, retention: 0, handler: KeepOutput },
    logger: false,
  });
  await app.start();
  const pulseId = await app.startLocal(Pulse);
  const order = await app.client.start(Order);
  while (await order.get()) await pause(10);
  console.log(`Archived: ${app.get(Archive).lines.join(', ')}`);
  console.log(`Running: ${(await app.client.get(pulseId))?.name}`);
  await app.close();
}

void main();

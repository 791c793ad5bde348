// A worker for plain-redis-producer.sh, until Ctrl-C: REDIS_URL=redis://localhost:6379 node build/examples/plain-redis-worker.js
import { setTimeout as pause } from 'node:timers/promises';
import { IsInt, IsString, Min } from 'class-validator';
import { createApp, createLogger, type Default, Input, Task, TaskContext } from 'taskwarden';

class CountInput {
  @IsInt() @Min(1) to: Default<number> = 3;
  @IsString() unit: Default<string> = 'sheep';
}

@Task('count')
class Count {
  async start(@Input() { to, unit }: CountInput, task: TaskContext): Promise<string> {
    for (let count = 1; count <= to; count++) {
      await task.emit('counted', count);
      await pause(100, undefined, { signal: task.signal });
    }
    return `${to} ${unit}`;
  }
}

async function main(): Promise<void> {
  const redis = process.env.REDIS_URL ?? 'redis://localhost:6379';
  const app = await createApp({ tasks: [Count], redis, logger: createLogger('warn') });
  await app.start();
  console.log(`Takes tasks from ${redis}; Ctrl-C ends it`);
  await app.run();
}

void main();

// Limits that hold in all workers together. node build/examples/limits.js
import { setTimeout as pause } from 'node:timers/promises';
import { IsString } from 'class-validator';
import { createApp, Input, Task, TaskContext } from 'taskwarden';

class ExportInput {
  @IsString() tenant!: string;
}

/** Three at a time, and of each tenant one: a big one does not hold up a small one. */
@Task('export', { limit: { concurrency: 3, key: (input: ExportInput) => input.tenant, perKey: { concurrency: 1 } } })
class Export {
  static readonly running = new Map<string, number>();
  static readonly most = new Map<string, number>();
  static readonly ended: string[] = [];

  async start(@Input() { tenant }: ExportInput): Promise<void> {
    const running = (Export.running.get(tenant) ?? 0) + 1;
    Export.running.set(tenant, running);
    Export.most.set(tenant, Math.max(running, Export.most.get(tenant) ?? 0));
    await pause(20);
    Export.running.set(tenant, running - 1);
    Export.ended.push(tenant);
  }
}

/** Two at once, then one each 50 ms: what the other side bears. */
@Task('call', { limit: { rate: { max: 2, per: 100 } } })
class Call {
  start(task: TaskContext): number {
    return task.attempt;
  }
}

async function main(): Promise<void> {
  const shared = { tasks: [Export, Call], redis: process.env.REDIS_URL, logger: false } as const;
  const app = await createApp(shared);
  const { client } = app;
  const big = await Promise.all(Array.from({ length: 20 }, () => client.start(Export, { tenant: 'big' })));
  const small = await client.start(Export, { tenant: 'small' });
  await app.start();
  await Promise.all([...big, small].map((handle) => handle.result()));
  console.log(`At a time: big ${Export.most.get('big')}, small ${Export.most.get('small')}`);
  console.log(`The small one was among the first three: ${Export.ended.indexOf('small') < 3}`);

  const begunMs = performance.now();
  const calls = await Promise.all(Array.from({ length: 6 }, () => client.start(Call)));
  await Promise.all(calls.map((handle) => handle.result()));
  // Two at once, and four that came 50 ms apart; less what clocks are read apart.
  console.log(`Six calls took at least 180 ms: ${performance.now() - begunMs > 180}`);
  await app.close();
}

void main();

// Health and metrics over HTTP, and an observer of one's own. node build/examples/monitoring.js
import { IsInt } from 'class-validator';
import { createApp, Input, type OverRun, Task, TaskError, type TaskObserver } from 'taskwarden';

class RootInput {
  @IsInt() of!: number;
}

@Task('root')
class Root {
  start(@Input() input: RootInput): number {
    if (input.of < 0) throw new TaskError('there is no such root');
    return Math.sqrt(input.of);
  }
}

/** Where a client of StatsD would be called. */
class Outcomes implements TaskObserver {
  readonly seen: string[] = [];

  runOver({ taskName, outcome, local }: OverRun): void {
    // The monitor and the cleanup are local tasks.
    if (!local) this.seen.push(`${taskName} ${outcome}`);
  }
}

async function main(): Promise<void> {
  const outcomes = new Outcomes();
  const app = await createApp({
    tasks: [Root],
    redis: process.env.REDIS_URL,
    logger: false,
    monitoring: { port: 0 },
    observers: [outcomes],
  });
  await app.start();
  for (const of of [9, 16, -1]) {
    const handle = await app.client.start(Root, { of });
    await handle.result().catch(() => {});
  }

  const live = await fetch(`${app.monitoringUrl}/health/live`);
  console.log(`Live: ${live.status}`);
  const metrics = await (await fetch(`${app.monitoringUrl}/metrics`)).text();
  for (const line of metrics.split('\n')) if (/^taskwarden_runs_ended_total.* [1-9]/.test(line)) console.log(line);
  await app.close();
  console.log(`Observed: ${outcomes.seen.join(', ')}`);
}

void main();

// A task that runs for days: progress, reload with another input, stop. node build/examples/long-running.js
import { setTimeout as pause } from 'node:timers/promises';
import { IsIn, IsInt, Min } from 'class-validator';
import { createApp, type Default, Input, TASK_STORE, Task, TaskContext } from 'taskwarden';

class GuardInput {
  @IsIn(['door', 'window']) place!: string;
  @IsInt() @Min(1) everyMs: Default<number> = 20;
}

@Task('guard')
class Guard {
  async start(@Input() { place, everyMs }: GuardInput, task: TaskContext): Promise<void> {
    while (!task.signal.aborted) {
      await task.progress(`the ${place} is shut`);
      // The signal ends the pause at once; what it throws then is of no interest.
      await pause(everyMs, undefined, { signal: task.signal }).catch(() => {});
    }
  }

  stop(task: TaskContext): void {
    console.log(`Leaving: ${task.signal.reason.reason}`);
  }
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Guard], redis: process.env.REDIS_URL, logger: false });
  await app.start();
  const { client } = app;
  const handle = await client.start(Guard, { place: 'door' });

  /** What is done when a line is seen for the first time. */
  const steps: Record<string, () => Promise<unknown>> = {
    'progress "the door is shut"': async () => {
      // As anybody could write it into the hash; client.setInput would refuse it.
      await app.get(TASK_STORE).setData(handle.id, '{"place":"moon"}');
      await handle.reload();
    },
    'reload-rejected {"violations":[{"path":"place","message":"must be one of the following values: door, window"}]}':
      async () => {
        await client.setInput(handle.id, { place: 'window' });
        await handle.reload();
      },
    'progress "the window is shut"': () => handle.stop(),
  };
  const seen = new Set<string>();
  for await (const { event, data } of handle.watch()) {
    const line = `${event} ${JSON.stringify(data)}`;
    if (event === 'start' || seen.has(line)) continue;
    seen.add(line);
    console.log(line);
    await steps[line]?.();
  }
  console.log(`State: ${(await handle.get())?.state}`);
  await handle.remove(); // A stopped task is kept, to be restarted.
  await app.close();
}

void main();

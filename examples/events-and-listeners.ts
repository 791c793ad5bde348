// Who hears the events of a task: its own hooks, listeners of the cluster, and whoever watches its id.
// node build/examples/events-and-listeners.js
import { IsInt } from 'class-validator';
import { createApp, Input, OnEvent, Task, TaskContext, TaskEvent, type TaskHandle } from 'taskwarden';

class BakeInput {
  @IsInt() cakes!: number;
}

@Task('bake')
class Bake {
  async start(@Input() input: BakeInput, task: TaskContext): Promise<string> {
    for (let cake = 1; cake <= input.cakes; cake++) await task.emit('baked', { cake });
    return 'all baked';
  }

  // A hook: called where the run is, for the events of this run alone.
  @OnEvent('baked')
  onBaked({ data }: TaskEvent): void {
    print('hook', `baked ${JSON.stringify(data)}`);
  }
}

/** Hears the tasks of all workers, whichever process runs them. */
class Kitchen {
  @OnEvent('bake:*')
  onAny({ taskName, event }: TaskEvent): void {
    print('listener', `${taskName}:${event}`);
  }
}

const printed: string[] = [];
/** The three hear at the same time: sorted by who it was, the lines are the same each time. */
function print(who: string, what: string): void {
  printed.push(`${who}: ${what}`);
}

async function watch(handle: TaskHandle<string>): Promise<void> {
  for await (const { event } of handle.watch()) print('watcher', event);
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Bake], listeners: [Kitchen], redis: process.env.REDIS_URL, logger: false });
  const handle = await app.client.start(Bake, { cakes: 2 });
  // Watches from before the first run: a watch tells what happens from then on.
  const watched = watch(handle);
  await app.start();
  await watched;
  await app.close();
  for (const who of ['hook', 'listener', 'watcher'])
    for (const line of printed) if (line.startsWith(who)) console.log(line);
}

void main();

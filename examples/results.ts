// The end of a task, awaited: a typed value, a failure, or no end in time. node build/examples/results.js
import { setTimeout as pause } from 'node:timers/promises';
import { IsNumber } from 'class-validator';
import { createApp, Input, ResultTimeoutError, Task, TaskContext, TaskError, TaskFailedError } from 'taskwarden';

class RootInput {
  @IsNumber() of!: number;
}

@Task('root')
class Root {
  start(@Input() input: RootInput): { root: number } {
    // Expected: ends as ERROR. Whatever else is thrown ends as EXCEPTION, with the stack.
    if (input.of < 0) throw new TaskError(`${input.of} has no root`);
    if (input.of === 13) throw new RangeError('this number is not supported');
    return { root: Math.sqrt(input.of) };
  }
}

@Task('sleep')
class Sleep {
  async start(task: TaskContext): Promise<string> {
    await pause(60_000, undefined, { signal: task.signal }).catch(() => {});
    return 'slept well';
  }
}

async function tell(title: string, result: Promise<unknown>): Promise<void> {
  try {
    console.log(`${title}: ${JSON.stringify(await result)}`);
  } catch (error) {
    if (error instanceof TaskFailedError) console.log(`${title}: ${error.state}, ${error.output.split('\n')[0]}`);
    else if (error instanceof ResultTimeoutError) console.log(`${title}: no end within ${error.timeoutMs} ms`);
    else throw error;
  }
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Root, Sleep], redis: process.env.REDIS_URL, logger: false });
  await app.start();
  const { client } = app;

  const nine = await client.start(Root, { of: 9 });
  const { root } = await nine.result(); // A number to the compiler, too.
  console.log(`Root of 9: ${root.toFixed(1)}`);
  await tell('Once more, by its id', client.result(nine.id));
  await tell('Root of -1', (await client.start(Root, { of: -1 })).result());
  await tell('Root of 13', (await client.start(Root, { of: 13 })).result());

  const sleeping = await client.start(Sleep);
  await tell('Sleep', sleeping.result({ timeout: 100 }));
  await sleeping.remove(); // A timeout does not end the task.
  await app.close();
}

void main();

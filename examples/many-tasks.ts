// Many tasks at once: the good inputs are started, the bad ones reported. node build/examples/many-tasks.js
import { IsInt, Min } from 'class-validator';
import { createApp, Input, type StartItem, StartManyError, Task } from 'taskwarden';

class SquareInput {
  @IsInt() @Min(0) side!: number;
}

@Task('square', { concurrency: 100 })
class Square {
  start(@Input() { side }: SquareInput): number {
    return side * side;
  }
}

/** As rows come from a file or a database: they are asked for as fast as tasks are written, and never all in memory. */
async function* rows(): AsyncGenerator<StartItem<typeof Square>> {
  for (let side = 0; side < 2_000; side++) yield { side };
}

async function main(): Promise<void> {
  const app = await createApp({ tasks: [Square], redis: process.env.REDIS_URL, logger: false });
  await app.start();
  const { client } = app;

  const { started } = await client.startMany(Square, rows());
  console.log(`Started: ${started}`);

  // A pair, or an entry of a Map, gives the id as well.
  const named = new Map([
    [`wall-${process.pid}`, { side: 3 }],
    [`hole-${process.pid}`, { side: -1 }],
  ]);
  const ids: string[] = [];
  const report = await client.startMany(Square, named, { onStarted: ({ id }) => void ids.push(id) });
  console.log(`Started: ${report.started}, refused: ${report.refusedCount}`);
  for (const { index, error } of report.refused) console.log(`  input ${index}: ${error.code}`);
  for (const id of ids) console.log(`Result: ${await client.result(id)}`);

  // What ends it early tells how far it came.
  const signal = AbortSignal.abort(new Error('not today'));
  await client.startMany(Square, rows(), { signal }).catch((error: StartManyError) => {
    console.log(`Ended early: ${error.report.started} started, next is input ${error.nextIndex}`);
  });
  await app.close();
}

void main();

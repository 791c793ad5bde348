// What is more urgent runs first, and nobody waits for ever. node build/examples/priorities.js
import { IsString } from 'class-validator';
import { createApp, Input, Task } from 'taskwarden';

class WorkInput {
  @IsString() what!: string;
}

const order: string[] = [];

// 5 is that of all tasks which nobody gave another one, also of those that plain programs push.
@Task('work')
class Work {
  start(@Input() { what }: WorkInput): void {
    order.push(what);
  }
}

// 0 comes first, 9 last. A level is worth a minute of waiting.
@Task('alarm', { priority: 0 })
class Alarm extends Work {}

async function main(): Promise<void> {
  const app = await createApp({
    tasks: [Work, Alarm],
    redis: process.env.REDIS_URL,
    logger: false,
    worker: { concurrency: 1 },
  });
  const { client } = app;
  const handles = [
    await client.start(Work, { what: 'a night job' }, { priority: 9 }),
    await client.start(Work, { what: 'usual' }),
    await client.start(Work, { what: 'for a guest who waits' }, { priority: 3 }),
    await client.start(Alarm, { what: 'fire' }),
    await client.start(Alarm, { what: 'fire drill' }, { priority: 8 }),
  ];
  // Before anybody takes them they wait in their order.
  console.log(`Waiting: ${(await client.waiting()).length}`);
  await app.start();
  await Promise.all(handles.map((handle) => handle.result()));
  console.log(order.join(', '));
  await app.close();
}

void main();

// A task, its input, and its result: node build/examples/hello-world.js
import { IsString } from 'class-validator';
import { createApp, Input, Task } from 'taskwarden';

class GreetInput {
  @IsString() name!: string;
}

@Task('greet')
class Greet {
  start(@Input() input: GreetInput): string {
    return `Hello, ${input.name}!`;
  }
}

async function main(): Promise<void> {
  // Without a redis the embedded store serves, and a line on standard error says so.
  const app = await createApp({ tasks: [Greet], redis: process.env.REDIS_URL });
  await app.start();
  const handle = await app.client.start(Greet, { name: 'world' });
  console.log(await handle.result());
  await app.close();
}

void main();

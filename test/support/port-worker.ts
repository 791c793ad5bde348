import { createApp, Task } from 'taskwarden';

/** A worker on a port that may be taken; it catches what its start rejects with, and has no more to do then. */

@Task('idle')
class Idle {
  start(): void {}
}

async function main(): Promise<void> {
  const app = await createApp({
    tasks: [Idle],
    redis: process.env.REDIS_URL,
    logger: false,
    monitoring: { port: Number(process.env.PORT) },
  });
  const before = await app.client.start(Idle);
  await app[process.env.BY as 'run' | 'start']().catch((error: { code: string }) => console.log(error.code));
  console.log(await app.client.get(before.id).catch((error: { code: string }) => error.code));
}

void main();

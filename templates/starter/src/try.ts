// One task from start to end in this process alone: without Redis.
import { createApp } from 'taskwarden';
import { options } from './app';
import { Greet } from './greet.task';

async function main(): Promise<void> {
  const app = await createApp({ ...options, store: 'memory', logger: false });
  try {
    await app.start();
    const handle = await app.client.start(Greet, { name: process.argv[2] ?? 'World' });
    console.log(await handle.result({ timeout: '10s' }));
  } finally {
    await app.close();
  }
}

void main();

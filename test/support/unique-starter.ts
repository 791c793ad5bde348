import { setTimeout as pause } from 'node:timers/promises';
import { createApp } from 'taskwarden';

/** Starts the task `alone` under one key, again and again; prints `started <id>` of each that is new. */
async function main(): Promise<void> {
  const { client } = await createApp({ redis: process.env.REDIS_URL, worker: false, logger: false });
  console.log('ready');
  for (;;) {
    const handle = await client.start('alone', {}, { unique: { key: 'one' } });
    if (handle.isNew) console.log('started', handle.id);
    await pause(1);
  }
}

void main();

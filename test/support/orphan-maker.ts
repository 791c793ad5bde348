import { startRedis } from './redis-server';

/** Starts a Redis, says where, and waits to be killed. */
async function main(): Promise<void> {
  const server = await startRedis();
  console.log(`redis ${server.port} ${server.folder}`);
  setInterval(() => {}, 60_000);
}

void main();

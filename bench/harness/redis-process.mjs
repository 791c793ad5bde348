import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { findRedisServer } from '../../scripts/redis.mjs';

const READY_MS = 10_000;
// Standard input closes however this process ends; then `$0` must not live on.
const WATCHDOG = 'trap "" HUP INT TERM; while read -r _; do :; done; kill -9 "$0"';

/** A Redis of the bench's own: on loopback, in memory alone, gone with this process. */
export async function startRedis() {
  const port = await freePort();
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  const server = spawn(findRedisServer(), settings, { stdio: 'ignore', cwd: '/' });
  await once(server, 'spawn');
  const watchdog = spawn('sh', ['-c', WATCHDOG, String(server.pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
  const redis = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => {}); // Not up yet; the deadline below has the last word.
  const stop = async () => {
    redis.disconnect();
    const gone = server.exitCode === null ? once(server, 'exit') : undefined;
    server.kill('SIGKILL');
    await gone;
    watchdog.kill('SIGKILL');
  };
  try {
    await within(READY_MS, redis.ping());
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, redis, stop };
}

/** @throws {Error} `work` takes longer; it goes on unheard. */
export async function within(deadlineMs, work, what = 'Redis did not answer') {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${deadlineMs / 1_000} s`)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStep } from './run-step.mjs';

const NPM_FLAGS = ['--no-audit', '--no-fund', '--no-package-lock'];
const GREETING = { input: '{"name": "Ada", "times": 3}', output: '"Hello, Ada!"' };

/** Makes the project of `taskwarden init` with the packed package in an empty folder, and goes through its README. */
export async function tryStarter(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'taskwarden-starter-'));
  try {
    const step = (title, ...command) => runStep(folder, `starter, ${title}`, ...command);
    step('init', 'npx', ['--yes', '--package', tarball, 'taskwarden', 'init', '--yes']);
    step('install', 'npm', ['install', ...NPM_FLAGS, tarball]);
    step('test', 'npm', ['test']);
    step('without Redis', 'npm', ['run', '--silent', 'try', '--', 'Ada'], 'Hello, Ada!');
    await withRedis(folder, (env) => tryWorker(folder, env));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tryWorker(folder, env) {
  const worker = spawn('npm', ['start'], {
    cwd: folder,
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...env },
  });
  const exited = once(worker, 'exit');
  try {
    const start = ['taskwarden', 'start', 'greet', '--input', GREETING.input, '--wait', '--timeout', '60s'];
    runStep(folder, 'starter, on Redis', 'npx', ['--no-install', ...start], GREETING.output, env);
  } finally {
    // npm and the worker are a group of their own.
    process.kill(-worker.pid, 'SIGTERM');
    await exited;
  }
}

/** A Redis of its own, on a loopback port that was free just now. */
async function withRedis(folder, work) {
  const port = await freePort();
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', folder];
  const redis = spawn(process.env.REDIS_SERVER ?? 'redis-server', settings, { stdio: 'ignore' });
  const exited = once(redis, 'exit');
  try {
    await work({ REDIS_URL: `redis://127.0.0.1:${port}` });
  } finally {
    redis.kill();
    await exited;
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

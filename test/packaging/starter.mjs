import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../../bench/harness/redis-process.mjs';
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
    const { port, stop } = await startRedis();
    try {
      await tryWorker(folder, { REDIS_URL: `redis://127.0.0.1:${port}` });
    } finally {
      await stop();
    }
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

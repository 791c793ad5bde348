// Brings what the chaos run needs, runs it with the arguments given, and leaves no folder behind: `npm run chaos`.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureRedisServer, SetupError } from './redis.mjs';

const root = resolve(import.meta.dirname, '..');

function build() {
  const script = join(root, 'scripts', 'build.mjs');
  const { status } = spawnSync(process.execPath, [script, '--if-stale'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new SetupError('The build failed, see above.');
}

function run(args, env) {
  return new Promise((done, failed) => {
    const main = ['--require', './test/support/register-typescript.cjs', 'test/chaos/main.ts'];
    const child = spawn(process.execPath, [...main, ...args], { cwd: root, stdio: 'inherit', env });
    // The terminal tells the run itself; this process stays to clean up.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('error', failed);
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]));
  });
}

async function main() {
  const args = process.argv.slice(2);
  const REDIS_SERVER = ensureRedisServer();
  build();
  if (args.includes('--keep')) return run(args, { ...process.env, REDIS_SERVER });
  // Whatever ends the run, what it wrote is below this folder.
  const TMPDIR = mkdtempSync(join(tmpdir(), 'taskwarden-chaos-'));
  try {
    return await run(args, { ...process.env, REDIS_SERVER, TMPDIR });
  } finally {
    rmSync(TMPDIR, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

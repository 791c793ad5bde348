import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** Before the first test of a run: redis-server is found, and build/ is as new as src/ and examples/. */
module.exports = async function globalSetup(): Promise<void> {
  const redis = runScript(['scripts/redis.mjs'], 'pipe');
  if (redis.status !== 0) throw new Error(redis.stderr);
  process.env.REDIS_SERVER = redis.stdout.trim();

  const build = runScript(['scripts/build.mjs', '--if-stale'], 'inherit');
  if (build.status === 0) return;
  if (!existsSync(join(ROOT, 'build/src/index.js'))) throw new Error('The build failed, see above');
  // Type errors are for `npm run check` to fail on: they must not keep a test from running.
  console.warn('The build reported the errors above; tests of processes run what it wrote nevertheless.');
};

function runScript(args: string[], output: 'pipe' | 'inherit') {
  return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', output, output] });
}

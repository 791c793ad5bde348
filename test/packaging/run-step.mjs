import { spawnSync } from 'node:child_process';

const FATAL_AFTER_MS = 180_000;

/**
 * Runs a command to its end, as a step of the smoke test.
 * @param more Added to the environment.
 * @throws when it fails, is not through in time, or prints something else than expected.
 */
export function runStep(folder, title, command, args, expected, more = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: FATAL_AFTER_MS,
    env: { ...process.env, NODE_PATH: '', NODE_ENV: '', REDIS_URL: '', ...more },
  });
  const isAsExpected = expected === undefined || stdout.trim() === expected;
  if (status !== 0 || !isAsExpected) {
    const outcome = error?.message ?? (status === null ? `ended by ${signal}` : `exit code ${status}`);
    const wanted = expected === undefined ? '' : `, expected to print "${expected}"`;
    throw new Error(`smoke test, ${title}: ${outcome}${wanted}\n${stdout}${stderr}`);
  }
  console.log(`smoke test, ${title}: ok`);
}

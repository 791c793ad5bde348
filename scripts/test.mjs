// Brings what the tests need where it is missing, runs jest with the arguments given, and ends with one line of counts.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureRedisServer, SetupError } from './redis.mjs';

const root = resolve(import.meta.dirname, '..');
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

function installDependencies() {
  if (existsSync(jest)) return;
  console.error('The dependencies are not installed; installing them: npm ci');
  const { status, error } = spawnSync('npm', ['ci'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new SetupError(`"npm ci" failed: ${error ?? `exit code ${status}`}`);
}

function runJest(args, env) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [jest, ...args], { cwd: root, stdio: 'inherit', env });
    // The terminal tells jest itself; this process stays to print the counts.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('error', failed);
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]));
  });
}

/** A test file that could not even be loaded counts as one failure; so does a run that gave no results. */
function countsOf(resultsFile) {
  if (!existsSync(resultsFile)) return { passed: 0, failed: 1, skipped: 0 };
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

async function main() {
  installDependencies();
  const env = { ...process.env, REDIS_SERVER: ensureRedisServer() };
  const folder = mkdtempSync(join(tmpdir(), 'taskwarden-test-'));
  try {
    const resultsFile = join(folder, 'results.json');
    const code = await runJest(['--json', `--outputFile=${resultsFile}`, ...process.argv.slice(2)], env);
    return { code, ...countsOf(resultsFile) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const { code, passed, failed, skipped } = await main();
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = code;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

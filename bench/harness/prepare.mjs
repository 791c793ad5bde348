import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const bench = resolve(import.meta.dirname, '..');
const root = resolve(bench, '..');

/** Something needed could not be brought; the message says what. */
export class PrepareError extends Error {}

/** Installs what is missing and compiles the package where it is out of date. */
export function prepare() {
  install(root);
  install(bench);
  run(process.execPath, ['scripts/build.mjs', '--if-stale'], root);
}

function install(folder) {
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return;
  console.error(`The dependencies of ${folder} are not installed; installing them: npm ci`);
  run('npm', ['ci', '--no-audit', '--no-fund'], folder);
}

/** @param input For its standard input. @throws {PrepareError} It failed. */
export function run(program, args, cwd, input) {
  // On standard error: standard output is for the results.
  const stdio = [input === undefined ? 'ignore' : 'pipe', 2, 2];
  const { status, error } = spawnSync(program, args, { cwd, stdio, input });
  if (status !== 0)
    throw new PrepareError(`"${[program, ...args].join(' ')}" failed: ${error ?? `exit code ${status}`}`);
}

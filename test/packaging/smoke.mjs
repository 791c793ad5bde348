// `node test/packaging/smoke.mjs x.tgz` installs the packed package in an empty folder, as a user would, and uses it
// there from CommonJS, from an ES module, under tsx, and by type-checking it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const tool = (name) => join(root, 'node_modules', '.bin', name);
const FATAL_AFTER_MS = 180_000;

/** @returns the command's standard output @throws when it fails, is not through in time, or says something else */
function run(folder, title, command, args, expected) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: FATAL_AFTER_MS,
    env: { ...process.env, NODE_PATH: '', NODE_ENV: '' },
  });
  const isAsExpected = expected === undefined || stdout.trim() === expected;
  if (status !== 0 || !isAsExpected) {
    const outcome = error?.message ?? (status === null ? `ended by ${signal}` : `exit code ${status}`);
    const wanted = expected === undefined ? '' : `, expected to print "${expected}"`;
    throw new Error(`smoke test, ${title}: ${outcome}${wanted}\n${stdout}${stderr}`);
  }
  console.log(`smoke test, ${title}: ok`);
}

function main(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'taskwarden-smoke-'));
  try {
    cpSync(join(import.meta.dirname, 'fixtures'), folder, { recursive: true });
    const flags = ['--no-audit', '--no-fund', '--no-package-lock'];
    run(folder, 'install', 'npm', ['install', ...flags, tarball, '@types/node@20']);
    run(folder, 'CommonJS', process.execPath, ['hello.cjs'], 'hello cjs');
    run(folder, 'ES module', process.execPath, ['hello.mjs'], 'hello mjs');
    run(folder, 'tsx', tool('tsx'), ['hello.ts'], 'hello tsx');
    run(folder, 'without OpenTelemetry', process.execPath, ['no-tracing.cjs'], 'CONFIGURATION');
    run(folder, 'testing, CommonJS', process.execPath, ['testing.cjs'], 'crashed: true\nhello');
    run(folder, 'testing, ES module', process.execPath, ['testing.mjs'], 'crashed: true\nhello\n1');
    run(folder, 'types, node16', tool('tsc'), ['-p', 'tsconfig.json']);
    run(folder, 'types, bundler', tool('tsc'), ['-p', 'tsconfig.bundler.json']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [tarball] = process.argv.slice(2);
if (tarball === undefined) throw new Error('Usage: node test/packaging/smoke.mjs <package.tgz>');
try {
  main(resolve(tarball));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

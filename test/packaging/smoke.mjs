// `node test/packaging/smoke.mjs x.tgz` installs the packed package in an empty folder, as a user would, and uses it
// there from CommonJS, from an ES module, under tsx, and by type-checking it; then it makes the project of `taskwarden init`.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runStep as run } from './run-step.mjs';
import { tryStarter } from './starter.mjs';

const root = resolve(import.meta.dirname, '../..');
const tool = (name) => join(root, 'node_modules', '.bin', name);

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
  await tryStarter(resolve(tarball));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

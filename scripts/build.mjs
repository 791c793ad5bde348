// Compiles src/ and examples/ into build/. With --if-stale it does so only when they are newer than build/.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const build = join(root, 'build');
const stamp = join(build, '.built');

/** Milliseconds of the latest change below `path`; a folder's own time tells of files taken away. */
function lastChangeMs(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return 0;
  const below = entry.isDirectory() ? readdirSync(path).map((name) => lastChangeMs(join(path, name))) : [];
  return Math.max(entry.mtimeMs, ...below);
}

function isFresh() {
  const sources = ['src', 'examples', 'tsconfig.json', 'tsconfig.build.json'];
  const newestMs = Math.max(...sources.map((name) => lastChangeMs(join(root, name))));
  return existsSync(stamp) && statSync(stamp).mtimeMs > newestMs;
}

/** Puts the new folder in the place of the old one, whoever else may be doing the same. */
function takeTheirPlace(fresh) {
  const old = `${fresh}.old`;
  for (;;) {
    try {
      renameSync(build, old);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    try {
      renameSync(fresh, build);
      break;
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      rmSync(old, { recursive: true, force: true });
    }
  }
  rmSync(old, { recursive: true, force: true });
}

function main() {
  if (process.argv.includes('--if-stale') && isFresh()) return 0;
  const startedSeconds = Date.now() / 1_000;
  // Beside build/ and swapped in when complete: what runs from build/ meanwhile never finds half of it.
  const fresh = mkdtempSync(join(root, '.build-'));
  try {
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    const { status, error } = spawnSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', fresh], {
      cwd: root,
      stdio: 'inherit',
    });
    if (error) throw error;
    if (status === 0) {
      writeFileSync(join(fresh, '.built'), '');
      // What is saved while tsc runs counts as newer.
      utimesSync(join(fresh, '.built'), startedSeconds, startedSeconds);
    }
    if (existsSync(join(fresh, 'src'))) takeTheirPlace(fresh);
    return status ?? 1;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

process.exitCode = main();

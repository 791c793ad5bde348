import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from './options.mjs';
import { PrepareError, run } from './prepare.mjs';

const root = resolve(import.meta.dirname, '..', '..');

/** The short name of a commit of this repository. @throws {UsageError} There is none. */
export function commitOf(text) {
  const { status, stdout, error } = git('rev-parse', '--verify', '--quiet', '--short', `${text}^{commit}`);
  if (error) throw new UsageError(`--before needs git: ${error.message}`);
  if (status !== 0) throw new UsageError(`--before: "${text}" is no commit of this repository.`);
  return String(stdout).trim();
}

/**
 * Builds taskwarden as it was at a commit, in a temporary folder that goes when this process ends.
 * @returns Its folder, and what is to be told of it, if anything.
 * @throws {PrepareError}
 */
export async function buildBefore(commit) {
  const folder = mkdtempSync(join(tmpdir(), `taskwarden-${commit}-`));
  let building;
  process.once('exit', () => {
    // The compiler, which is a child of the build's, must not write on.
    if (building?.exitCode === null) endGroup(building.pid);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const archive = git('archive', '--format=tar', commit);
  if (archive.status !== 0)
    throw new PrepareError(`"git archive ${commit}" failed: ${archive.stderr ?? archive.error}`);
  run('tar', ['-x', '-C', folder], root, archive.stdout);
  if (!existsSync(join(folder, 'scripts', 'build.mjs'))) {
    throw new PrepareError(`--before: commit ${commit} has no scripts/build.mjs: take a later one.`);
  }
  // The packages of today: what is compared is our own code.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  console.error(`Building taskwarden as it was at commit ${commit}`);
  // A group of its own, and not waited for in a call: Ctrl-C is heard meanwhile.
  building = spawn(process.execPath, ['scripts/build.mjs'], { cwd: folder, stdio: ['ignore', 2, 2], detached: true });
  const [code] = await once(building, 'exit');
  if (code !== 0) throw new PrepareError(`Commit ${commit} could not be built.`);
  return { folder, note: otherDependencies(folder, commit) };
}

function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

function otherDependencies(folder, commit) {
  const [now, then] = [root, folder].map(dependenciesOf);
  const tell = (version) => version ?? 'none';
  const other = [...new Set([...Object.keys(now), ...Object.keys(then)])].filter((name) => now[name] !== then[name]);
  if (other.length === 0) return undefined;
  const list = other.map((name) => `${name} (${tell(then[name])} then, ${tell(now[name])} now)`).join(', ');
  return `Other dependencies at commit ${commit}: ${list}; it runs with the packages of now`;
}

function dependenciesOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies ?? {};
}

function git(...args) {
  return spawnSync('git', args, { cwd: root, maxBuffer: 2 ** 30 });
}

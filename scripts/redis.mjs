// Finds redis-server for the tests: `node scripts/redis.mjs` prints its path, or fails and says what to do.
// With --install it brings a missing one by the system's package manager. Takes REDIS_SERVER, or else looks in PATH.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Homebrew's folders: a program started outside a terminal may have a PATH without them.
const MORE_FOLDERS = process.platform === 'darwin' ? ['/opt/homebrew/bin', '/usr/local/bin'] : [];
// The oldest that the package is made for.
const MIN_VERSION = [7, 0];

const REMEDY = `The tests start real redis-server processes. Install Redis ${MIN_VERSION.join('.')} or later, or name its server:
  Debian, Ubuntu   sudo apt-get update && sudo apt-get install redis-server
  macOS            brew install redis
  elsewhere        https://redis.io/docs/latest/operate/oss_and_stack/install/
  a server of your own   REDIS_SERVER=/path/to/redis-server npm test`;

/** What is needed is missing; the message says what to do. */
export class SetupError extends Error {}

/** @returns the path of a usable redis-server @throws {SetupError} */
export function findRedisServer() {
  const path = process.env.REDIS_SERVER || findProgram('redis-server');
  if (path === undefined) throw redisMissing('redis-server is not installed.');
  const { stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /v=(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  if (major === undefined) throw redisMissing(`${path} --version does not answer as redis-server: ${error ?? stdout}`);
  if (major * 1_000 + Number(minor) < MIN_VERSION[0] * 1_000 + MIN_VERSION[1]) {
    throw redisMissing(`${path} is Redis ${major}.${minor}: too old.`);
  }
  return path;
}

/** As `findRedisServer`, but brings a missing one first, and says so. */
export function ensureRedisServer() {
  if (!process.env.REDIS_SERVER && findProgram('redis-server') === undefined) install();
  return findRedisServer();
}

function redisMissing(what) {
  return new SetupError(`${what}\n${REMEDY}`);
}

function install() {
  if (findProgram('apt-get') !== undefined) {
    const commands = [
      ['apt-get', 'update'],
      ['apt-get', 'install', '--yes', '--no-install-recommends', 'redis-server'],
    ];
    commands.map(asRoot).forEach(run);
  } else if (process.platform === 'darwin' && findProgram('brew') !== undefined) {
    run(['brew', 'install', 'redis']);
  }
}

function asRoot(command) {
  const withoutQuestions = ['env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  if (process.getuid() === 0) return withoutQuestions;
  if (findProgram('sudo') === undefined) {
    throw redisMissing('redis-server is not installed, and this user is not root and has no sudo to install it.');
  }
  // Nobody is there to type a password: fail instead of waiting for it.
  return ['sudo', ...(process.stdin.isTTY ? [] : ['--non-interactive']), ...withoutQuestions];
}

function run([program, ...args]) {
  console.error(`redis-server is not installed; installing it: ${[program, ...args].join(' ')}`);
  try {
    // On standard error: standard output is for the path alone.
    execFileSync(program, args, { stdio: ['inherit', 2, 2] });
  } catch (cause) {
    throw redisMissing(`"${[program, ...args].join(' ')}" failed: ${cause.message}`);
  }
}

function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  try {
    console.log(process.argv.includes('--install') ? ensureRedisServer() : findRedisServer());
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

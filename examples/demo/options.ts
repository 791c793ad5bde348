import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What the user asked for cannot be done; the message is one line that says what to do instead. */
export class UsageError extends Error {}

export interface DemoOptions {
  readonly mode: 'audit' | 'worker' | 'help';
  /** Absolute. */
  readonly folder: string;
  readonly redis: string | undefined;
}

export const USAGE = `npm run demo [folder]             audits the packages below a folder; default: node_modules here
npm run demo -- --worker          joins an audit that runs on the same Redis
REDIS_URL=redis://host:6379       before either: on that Redis, instead of the embedded store`;

/** @throws {UsageError} */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions {
  const { values, positionals } = parse(args);
  // An empty variable counts as none.
  const redis = env.REDIS_URL || undefined;
  const mode = values.help ? 'help' : values.worker ? 'worker' : 'audit';
  if (mode === 'worker' && redis === undefined) {
    throw new UsageError('A worker joins an audit over Redis: set REDIS_URL to the same as in the first terminal.');
  }
  if (positionals.length > 1) {
    throw new UsageError(`One folder at a time, not ${positionals.length}: name the one that holds them all.`);
  }
  // npm runs scripts in the project's folder, and tells where the user is.
  const folder = resolve(env.INIT_CWD ?? process.cwd(), positionals[0] ?? resolve(__dirname, '../../../node_modules'));
  if (mode === 'audit') checkFolder(folder, positionals.length === 0);
  return { mode, folder, redis };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { worker: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}: try "npm run demo -- --help".`);
  }
}

function checkFolder(folder: string, isDefault: boolean): void {
  const entry = statSync(folder, { throwIfNoEntry: false });
  if (entry?.isDirectory()) return;
  const what = entry ? 'is not a folder' : 'does not exist';
  const remedy = isDefault
    ? 'run "npm ci" first, or name another'
    : 'name one that holds packages, such as node_modules';
  throw new UsageError(`The folder ${folder} ${what}: ${remedy}.`);
}

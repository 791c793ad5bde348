import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';

/**
 * The file that a person means, seen from the current folder; a folder, or a name without its ending, is resolved as Node does.
 * @throws {CommandError} There is none.
 */
export function resolveModule(given: string): string {
  const path = resolve(given);
  if (existsSync(path) && statSync(path).isFile()) return path;
  try {
    return createRequire(join(process.cwd(), 'here.js')).resolve(path);
  } catch {
    throw new CommandError(
      EXIT.usage,
      `there is no module ${path}: give the path of a .js, .mjs, .cjs or .ts file, as seen from this folder.`,
    );
  }
}

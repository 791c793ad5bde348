import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TaskwardenError } from '../index';
import { CommandError } from './command-error';
import { EXIT } from './exit-code';

/**
 * Loads a module of the user's: CommonJS, ESM, or TypeScript by their own tsx.
 * @returns What it exports; of CommonJS and of what was compiled to it the same as of ESM.
 * @throws {CommandError} It cannot be loaded.
 */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  if (/\.[cm]?tsx?$/.test(path)) await registerTypeScript(path);
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw new CommandError(EXIT.usage, `${path} cannot be loaded: ${describe(error)}`, { cause: error });
  }
}

/** What the user's code threw is theirs to find: with its stack. Our own errors say enough. */
function describe(error: unknown): string {
  if (error instanceof TaskwardenError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function registerTypeScript(path: string): Promise<void> {
  const require = createRequire(path);
  const [commonJs, esm] = [resolveOf(require, path, 'tsx/cjs/api'), resolveOf(require, path, 'tsx/esm/api')];
  // It looks for the options of the compiler from the current folder alone.
  process.env.TSX_TSCONFIG_PATH ??= nearestTsconfig(dirname(path));
  require(commonJs).register();
  (await import(pathToFileURL(esm).href)).register();
}

function resolveOf(require: NodeJS.Require, path: string, name: string): string {
  try {
    return require.resolve(name);
  } catch {
    throw new CommandError(
      EXIT.usage,
      `${path} is TypeScript, and tsx is not installed for it: npm install --save-dev tsx there, or compile it and give the .js file.`,
    );
  }
}

function nearestTsconfig(folder: string): string | undefined {
  const path = join(folder, 'tsconfig.json');
  if (existsSync(path)) return path;
  const above = dirname(folder);
  return above === folder ? undefined : nearestTsconfig(above);
}

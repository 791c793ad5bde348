import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TaskwardenError } from '../../index';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';
import { note } from '../output/note';

let isLoaded = false;

/** Whether code of the user's has run in this process, which may have left something open. */
export function hasLoadedModule(): boolean {
  return isLoaded;
}

/**
 * Loads a module of the user's: CommonJS, ESM, or TypeScript by their own tsx.
 * @returns Its namespace. Where it throws, the process ends, with Node's own report.
 * @throws {CommandError} There is no tsx. @throws {DeclarationError} And the like: our own errors say enough.
 */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  if (/\.[cm]?tsx?$/.test(path)) await registerTypeScript(path);
  isLoaded = true;
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (error instanceof TaskwardenError) throw error;
    note(`${path} cannot be loaded:`);
    return endWith(error);
  }
}

/** What nobody catches Node reports with the line of the source, which for a syntax error stands nowhere else. */
function endWith(error: unknown): Promise<never> {
  process.once('exit', () => {
    process.exitCode = EXIT.usage;
  });
  process.nextTick(() => {
    throw error;
  });
  return new Promise(() => {});
}

async function registerTypeScript(path: string): Promise<void> {
  // It looks for the options of the compiler from the current folder alone.
  const tsconfig = nearestTsconfig(dirname(path));
  if (tsconfig !== undefined) process.env.TSX_TSCONFIG_PATH ??= tsconfig;
  await import(pathToFileURL(findTsx(path)).href);
}

function findTsx(path: string): string {
  try {
    return createRequire(path).resolve('tsx');
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

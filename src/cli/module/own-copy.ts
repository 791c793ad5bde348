import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';
import { manifestOf, packageRoot } from './package-version';

/**
 * What a module declares is known to the copy of taskwarden alone that it imports. Where that is another one than this, as with a
 * command that is installed globally, the same command line is run by the command of that copy, in this process.
 * @param path Of the module.
 * @returns Whether that was so: then there is nothing left to do here.
 * @throws {CommandError} The other copy has no command.
 */
export async function handOver(path: string): Promise<boolean> {
  const other = copyOf(path);
  if (other === undefined || other === realpathSync(packageRoot)) return false;
  const manifest = manifestOf(other);
  const bin = manifest?.bin?.taskwarden;
  if (bin === undefined) {
    throw new CommandError(
      EXIT.usage,
      `${path} uses taskwarden ${manifest?.version ?? ''} in ${other}, which has no command line: update it there.`,
    );
  }
  const main = join(other, bin);
  process.argv[1] = main;
  await import(pathToFileURL(main).href);
  return true;
}

/** The folder of the taskwarden that a module imports; undefined where it can import none, so this one serves. */
function copyOf(path: string): string | undefined {
  try {
    return realpathSync(dirname(createRequire(path).resolve('taskwarden/package.json')));
  } catch {
    return undefined;
  }
}

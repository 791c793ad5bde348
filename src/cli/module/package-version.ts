import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package: from `src/cli` and from `build/src/cli` it is a different way up. */
export const packageRoot: string = findRoot(__dirname);

/** Of this package. */
export const version: string = manifestOf(packageRoot)?.version ?? 'unknown';

interface Manifest {
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
}

/** The `package.json` of a package; undefined where there is none. */
export function manifestOf(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

function findRoot(folder: string): string {
  const above = dirname(folder);
  return manifestOf(folder) !== undefined || above === folder ? folder : findRoot(above);
}

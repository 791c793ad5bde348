import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const bench = resolve(import.meta.dirname, '..');

/** The installed version of a package of bench/, or of the repository's own. */
export function versionOf(packageName) {
  for (const folder of [bench, join(bench, '..')]) {
    try {
      return versionIn(join(folder, 'node_modules', packageName));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return 'not installed';
}

/** The version of the package that is in a folder. */
export function versionIn(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const bench = resolve(import.meta.dirname, '..');

/** The installed version of a package of bench/, or of the repository's own. */
export function versionOf(packageName) {
  const folders = [join(bench, 'node_modules', packageName), join(bench, '..', 'node_modules', packageName)];
  for (const folder of packageName === 'taskwarden' ? [join(bench, '..')] : folders) {
    try {
      return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return 'not installed';
}

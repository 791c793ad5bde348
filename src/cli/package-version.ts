import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of this package. From `src/cli` and from `build/src/cli` it is a different way up. */
export const version: string = readVersion();

function readVersion(): string {
  for (const up of ['../..', '../../..']) {
    try {
      return JSON.parse(readFileSync(join(__dirname, up, 'package.json'), 'utf8')).version;
    } catch {
      // Not there: one higher.
    }
  }
  return 'unknown';
}

import { createHash } from 'node:crypto';

/** The lane of all tasks that have the same key, 16 letters: a key may be of any length, and hold any sign. */
export function laneOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 16);
}

import { ConfigurationError } from '../errors';
import { suggestName } from './nearest-name';

/** Every key of an options object; the compiler asks for the ones that are missing. */
export function keysOf<T>(keys: Record<keyof T, true>): readonly string[] {
  return Object.keys(keys);
}

/**
 * @param where What the options are given to, for the error.
 * @param elsewhere Options of others that are easily mixed up with these, by what they are given to.
 * @throws {ConfigurationError} They are no object, or one of them is not known.
 */
export function checkKeys(
  where: string,
  given: unknown,
  known: readonly string[],
  elsewhere: Readonly<Record<string, readonly string[]>> = {},
): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigurationError(`${where} must be given an object of options.`);
  }
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const [other] = Object.entries(elsewhere).find(([, keys]) => keys.includes(key)) ?? [];
    const remedy = other === undefined ? suggestName(key, known) : `which is an option of ${other}: give it there.`;
    throw new ConfigurationError(`${where}: unknown option "${key}", ${remedy}`);
  }
}

import { ConfigurationError } from '../errors';
import { suggestName } from './nearest-name';

/** Every key of an options object; the compiler asks for the ones that are missing. */
export function keysOf<T>(keys: Record<keyof T, true>): readonly string[] {
  return Object.keys(keys);
}

/**
 * @param where What the options are given to, for the error.
 * @throws {ConfigurationError} They are no object, or one of them is not known.
 */
export function checkKeys(where: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigurationError(`${where} must be given an object of options.`);
  }
  for (const key of Object.keys(given)) {
    if (!known.includes(key))
      throw new ConfigurationError(`${where}: unknown option "${key}", ${suggestName(key, known)}`);
  }
}

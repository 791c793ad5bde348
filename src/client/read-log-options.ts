import { ConfigurationError } from '../errors';
import { checkKeys } from '../task/option-keys';
import { shown } from '../task/shown';

export interface ReadLogOptions {
  /** The last so many lines. Default: all that are kept. */
  readonly limit?: number;
}

/** @throws {ConfigurationError} */
export function limitOf(options: ReadLogOptions): number {
  checkKeys('log', options, ['limit']);
  const { limit = Number.MAX_SAFE_INTEGER } = options;
  if (Number.isSafeInteger(limit) && limit >= 1) return limit;
  throw new ConfigurationError(`log: limit is ${shown(limit)}: give a whole number of lines, 1 or more.`);
}

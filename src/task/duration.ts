import ms from 'ms';
import { ConfigurationError } from '../errors';
import { shown } from './shown';

/** Milliseconds, or text such as `'30s'`, `'5m'`, `'1h'`, `'7d'`. */
export type Duration = number | string;

/**
 * @param option Names the option in the error.
 * @returns Milliseconds, zero or more.
 * @throws {ConfigurationError} Neither a number of milliseconds nor a duration text.
 */
export function parseDuration(value: unknown, option: string): number {
  const milliseconds = readDuration(value);
  if (milliseconds !== undefined) return milliseconds;
  throw new ConfigurationError(
    `${option} is ${shown(value)}: give milliseconds (30000) or a text such as '30s', '5m', '1h', '7d'.`,
  );
}

/** Milliseconds, zero or more; undefined where the value is no duration. */
export function readDuration(value: unknown): number | undefined {
  // `ms` throws on an empty text, and on one of over a hundred letters.
  const readable = typeof value === 'string' && value !== '' && value.length <= 100;
  const milliseconds = readable ? ms(value as ms.StringValue) : value;
  return typeof milliseconds === 'number' && Number.isFinite(milliseconds) && milliseconds >= 0
    ? milliseconds
    : undefined;
}

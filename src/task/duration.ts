import ms from 'ms';
import { ConfigurationError } from '../errors';

/** Milliseconds, or text such as `'30s'`, `'5m'`, `'1h'`, `'7d'`. */
export type Duration = number | string;

/**
 * @param option Names the option in the error.
 * @returns Milliseconds, zero or more.
 * @throws {ConfigurationError} Neither a number of milliseconds nor a duration text.
 */
export function parseDuration(value: unknown, option: string): number {
  const milliseconds = typeof value === 'string' ? ms(value as ms.StringValue) : value;
  if (typeof milliseconds === 'number' && Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  throw new ConfigurationError(
    `${option} is ${JSON.stringify(value)}: give milliseconds (30000) or a text such as '30s', '5m', '1h', '7d'.`,
  );
}

import { ConfigurationError } from '../errors';
import { parseDuration } from '../task/duration';
import { shown } from '../task/shown';

/**
 * @param option Its name, for the error.
 * @returns Whole milliseconds: Redis takes no others.
 * @throws {ConfigurationError} It is no duration, or none at all.
 */
export function positive(value: unknown, option: string): number {
  const milliseconds = parseDuration(value, option);
  if (milliseconds > 0) return Math.ceil(milliseconds);
  throw new ConfigurationError(`${option} must be more than 0.`);
}

/** @throws {ConfigurationError} It is no whole number, or less than 1. */
export function count(value: unknown, option: string): number {
  if (Number.isInteger(value) && (value as number) >= 1) return value as number;
  throw new ConfigurationError(`${option} is ${shown(value)}: give a whole number, 1 or more.`);
}

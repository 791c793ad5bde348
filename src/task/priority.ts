import { shown } from './shown';

/** What a task has that nobody gave another one: also those of plain producers. */
export const DEFAULT_PRIORITY = 5;

/**
 * What one level is worth: a task of priority 4 comes before those of priority 5 that were enqueued up to so long before it.
 * So whoever waits is overtaken for a bounded time alone, and nobody starves.
 */
export const PRIORITY_STEP_MS = 60_000;

/** What is wrong with a priority, to go on after its name; undefined for a usable one. */
export function priorityMistake(value: unknown): string | undefined {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 9) return undefined;
  return ` is ${shown(value)}; it must be a whole number from 0, taken first, to 9; 5 is that of all others`;
}

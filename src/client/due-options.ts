import { ConfigurationError } from '../errors';
import type { Due } from '../task/due';
import { type Duration, parseDuration } from '../task/duration';

/** When a task may be taken: give one of the two. */
export interface DueOptions {
  /** Not before so long from now, by the clock of Redis. */
  readonly delay?: Duration;
  /** Not before this time: a Date, or epoch milliseconds. One that has passed is now. */
  readonly runAt?: Date | number;
}

/**
 * @returns undefined where neither is given.
 * @throws {ConfigurationError} Both are given, or one is no duration or time.
 */
export function readDue({ delay, runAt }: DueOptions): Due | undefined {
  if (delay !== undefined && runAt !== undefined) {
    throw new ConfigurationError('delay and runAt are both given: give one of them.');
  }
  if (delay !== undefined) return { inMs: parseDuration(delay, 'delay') };
  if (runAt === undefined) return undefined;
  const atMs = runAt instanceof Date ? runAt.getTime() : runAt;
  if (typeof atMs === 'number' && Number.isFinite(atMs) && atMs >= 0) return { atMs };
  throw new ConfigurationError(`runAt is ${String(runAt)}: give a Date, or a time in epoch milliseconds.`);
}

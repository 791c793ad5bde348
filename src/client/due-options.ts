import { ConfigurationError } from '../errors';
import { type Due, LATEST_MS, LONGEST_DELAY_MS } from '../task/due';
import { type Duration, parseDuration } from '../task/duration';
import { checkKeys, keysOf } from '../task/option-keys';

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
export function readDue({ delay, runAt }: DueOptions = {}): Due | undefined {
  if (delay !== undefined && runAt !== undefined) {
    throw new ConfigurationError('delay and runAt are both given: give one of them.');
  }
  if (delay !== undefined) return { inMs: Math.min(parseDuration(delay, 'delay'), LONGEST_DELAY_MS) };
  if (runAt === undefined) return undefined;
  const atMs = runAt instanceof Date ? runAt.getTime() : runAt;
  if (typeof atMs === 'number' && atMs >= 0 && atMs <= LATEST_MS) return { atMs };
  throw new ConfigurationError(
    `runAt is ${String(runAt)}: give a Date, or a time in epoch milliseconds, ${LATEST_MS} at most.`,
  );
}

/**
 * The time that a call needs.
 * @throws {ConfigurationError} Neither a delay nor a time is given, or both, or something else.
 */
export function dueOf(call: string, when: DueOptions): Due {
  checkKeys(call, when, DUE_KEYS);
  const due = readDue(when);
  if (due) return due;
  throw new ConfigurationError(`${call} needs a time: give { delay: '10m' } or { runAt: new Date(…) }.`);
}

const DUE_KEYS = keysOf<DueOptions>({ delay: true, runAt: true });

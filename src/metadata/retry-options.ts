import { type Duration, readDuration } from '../task/duration';
import { shown } from '../task/shown';

/** A run that has failed. */
export interface Failure {
  /** How many runs of the task have failed by now, 1 or more. */
  readonly failures: number;
  /** What it threw. */
  readonly error: unknown;
}

/** Decides how long a task waits between two runs; made by the container, so that services may be injected. */
export interface RetryBackoff {
  /** In milliseconds; `maxDelay` and jitter are applied to it. */
  delayMs(failure: Failure): number | Promise<number>;
}

export type RetryBackoffClass = new (...args: never[]) => RetryBackoff;

/** When and how often a task that has failed runs again. */
export interface RetryOptions {
  /** Runs in all, the first one included: 1 or more. Those that a worker's end cut short are not counted. */
  readonly attempts: number;
  /** The same delay each time, twice as long each time, or a class that decides. Default `exponential`. */
  readonly backoff?: 'fixed' | 'exponential' | RetryBackoffClass;
  /** After the first failure. Default 1s. */
  readonly delay?: Duration;
  /** However long the backoff would be. Default 1h, or the delay if that is longer. */
  readonly maxDelay?: Duration;
  /** From 0 to 1: the share of each delay that is left to chance, so that what failed together does not come back together. Default 0.2. */
  readonly jitter?: number;
}

export interface ResolvedRetry {
  readonly attempts: number;
  readonly backoff: 'fixed' | 'exponential' | RetryBackoffClass;
  readonly delayMs: number;
  readonly maxDelayMs: number;
  readonly jitter: number;
}

const LONGEST_DELAY_MS = 3_600_000;

/** What is wrong with the options, completing "retry"; or the options with defaults in place. */
export function readRetry(value: unknown): ResolvedRetry | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return ' must be an object, such as { attempts: 5 }';
  const {
    attempts,
    backoff = 'exponential',
    delay = 1_000,
    maxDelay,
    jitter = 0.2,
    ...unknown
  } = value as Record<string, unknown>;
  const [stray] = Object.keys(unknown);
  if (stray !== undefined) return `.${stray} is not known; there are attempts, backoff, delay, maxDelay, jitter`;
  if (!Number.isInteger(attempts) || (attempts as number) < 1) {
    return `.attempts is ${shown(attempts)}; it must be a whole number, 1 or more: the first run counts`;
  }
  if (backoff !== 'fixed' && backoff !== 'exponential' && !isBackoffClass(backoff)) {
    return `.backoff is ${shown(backoff)}; it must be 'fixed', 'exponential' or a class with a method delayMs`;
  }
  const delayMs = readDuration(delay);
  if (delayMs === undefined) return `.delay is ${shown(delay)}; it must be milliseconds or a text such as '30s'`;
  const maxDelayMs = maxDelay === undefined ? Math.max(LONGEST_DELAY_MS, delayMs) : readDuration(maxDelay);
  if (maxDelayMs === undefined)
    return `.maxDelay is ${shown(maxDelay)}; it must be milliseconds or a text such as '1h'`;
  if (maxDelayMs < delayMs) {
    return `.maxDelay is ${shown(maxDelay)}, less than the delay, ${shown(delay)}: raise it`;
  }
  if (typeof jitter !== 'number' || !(jitter >= 0 && jitter <= 1)) {
    return `.jitter is ${shown(jitter)}; it must be a number from 0 to 1`;
  }
  return { attempts: attempts as number, backoff, delayMs, maxDelayMs, jitter };
}

function isBackoffClass(value: unknown): value is RetryBackoffClass {
  return typeof value === 'function' && typeof value.prototype?.delayMs === 'function';
}

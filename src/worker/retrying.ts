import { InputError, TaskDeadlineError, TaskError, UnknownTaskError } from '../errors';
import type { Failure, ResolvedRetry, RetryBackoff, RetryBackoffClass } from '../metadata/retry-options';
import type { Random } from '../random';
import type { Outcome, Retry } from '../store/worker-store';
import { LONGEST_DELAY_MS } from '../task/due';
import { encodeEvent } from '../task/event';
import { RetryError } from '../task/retry-error';

/** Of an error that is kept, so that a task with many retries stays small. */
const MOST_ERROR_CHARACTERS = 1_000;

interface Decision {
  readonly random: Random;
  make(backoff: RetryBackoffClass): RetryBackoff;
  /** What a backoff of the task's own answers; its delay where that takes too long. */
  inTime(answer: Promise<number>): Promise<number>;
}

/**
 * How a failed run is to be followed by another one; undefined: the task is over.
 * @throws What a backoff of the task's own throws.
 */
export async function retryAfter(
  failure: Failure,
  outcome: Outcome,
  policy: ResolvedRetry,
  decision: Decision,
): Promise<Retry | undefined> {
  const delayMs = await delayAfter(failure, policy, decision);
  if (delayMs === undefined) return undefined;
  const error = outcome.output.slice(0, MOST_ERROR_CHARACTERS);
  const event = encodeEvent('retry', { failures: failure.failures, delayMs, error: outcome.output });
  return { delayMs, error, event };
}

async function delayAfter(
  failure: Failure,
  policy: ResolvedRetry,
  { random, make, inTime }: Decision,
): Promise<number | undefined> {
  const { error, failures } = failure;
  if (error instanceof RetryError) return bounded(error.delayMs, policy, LONGEST_DELAY_MS);
  // The same input will not be valid the next time.
  if (error instanceof InputError || error instanceof UnknownTaskError || error instanceof TaskDeadlineError) {
    return undefined;
  }
  if ((error instanceof TaskError && !error.retryable) || failures >= policy.attempts) return undefined;
  const { backoff, delayMs, maxDelayMs, jitter } = policy;
  let fullMs = delayMs;
  if (backoff === 'exponential') fullMs = delayMs * 2 ** (failures - 1);
  else if (backoff !== 'fixed') fullMs = await inTime((async () => make(backoff).delayMs(failure))());
  return Math.round(bounded(fullMs, policy, Math.min(maxDelayMs, LONGEST_DELAY_MS)) * (1 - jitter * random()));
}

/** Not a number, or less than none: the delay of the policy stands in. */
function bounded(fullMs: number, { delayMs }: ResolvedRetry, longestMs: number): number {
  return Math.min(fullMs >= 0 ? fullMs : delayMs, longestMs);
}

import { TaskwardenError } from '../errors';
import { LONGEST_DELAY_MS } from './due';
import { type Duration, parseDuration } from './duration';

/**
 * Throw it from a task to have it run again after a delay of its own, whatever the class says of retries and however many
 * there were: a limit was met, or what it needs is not there yet.
 */
export class RetryError extends TaskwardenError {
  readonly code = 'TASK_RETRY';
  readonly delayMs: number;

  /** @throws {ConfigurationError} The delay is no duration. */
  constructor(message: string, options: { delay: Duration; cause?: unknown }) {
    super(message, options);
    this.delayMs = Math.min(parseDuration(options?.delay, 'the delay of a RetryError'), LONGEST_DELAY_MS);
  }
}

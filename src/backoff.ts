import { type Clock, sleep } from './clock';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 500;

/** Waits longer after each failure in a row: a store that is away is asked about twice a second. */
export class Backoff {
  private failures = 0;

  constructor(private readonly clock: Clock) {}

  /** Whether the last attempt failed. */
  get failing(): boolean {
    return this.failures > 0;
  }

  succeed(): void {
    this.failures = 0;
  }

  async fail(signal?: AbortSignal): Promise<void> {
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** this.failures, LONGEST_DELAY_MS);
    this.failures += 1;
    await sleep(this.clock, delayMs, signal);
  }
}

/**
 * Repeats a call of the store until it succeeds.
 * @param goOn Asked after each failure; when it says no, the failure is thrown.
 * @throws {StoreUnavailableError} @throws {StoreRefusedError} The last failure.
 */
export async function patiently<T>(clock: Clock, call: () => Promise<T>, goOn: () => boolean): Promise<T> {
  let backoff: Backoff | undefined;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!goOn()) throw error;
      backoff ??= new Backoff(clock);
      await backoff.fail();
    }
  }
}

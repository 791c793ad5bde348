import { type Clock, sleep } from '../clock';
import type { Logger } from '../logger';

export interface Repeated {
  /** Does its work; answers in how many milliseconds there is more of it to do. */
  readonly step: () => Promise<number>;
  /** After a step that failed, in milliseconds. */
  readonly intervalMs: number;
  /** What is logged at the first of several failures in a row. */
  readonly failure: string;
}

/** Repeats a step until the signal aborts, whatever becomes of each. */
export async function repeat(
  { step, intervalMs, failure }: Repeated,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    let waitMs = intervalMs;
    try {
      waitMs = await step();
      failing = false;
    } catch (error) {
      if (!failing) logger.warn({ err: error }, failure);
      failing = true;
    }
    if (waitMs > 0) await sleep(clock, waitMs, signal);
  }
}

import { type Clock, sleep } from '../clock';
import type { Logger } from '../logger';

export interface Repeated {
  /** Does its work; true if there is more of it to do at once. */
  readonly step: () => Promise<boolean>;
  /** Between two steps, in milliseconds. */
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
    try {
      const more = await step();
      failing = false;
      if (more) continue;
    } catch (error) {
      if (!failing) logger.warn({ err: error }, failure);
      failing = true;
    }
    await sleep(clock, intervalMs, signal);
  }
}

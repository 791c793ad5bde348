import { type Clock, sleep } from '../clock';
import type { HealthPart } from '../health';

export interface Repeated {
  /** Does its work; answers in how many milliseconds there is more of it to do. */
  readonly step: () => Promise<number>;
  /** After a step that failed, in milliseconds. */
  readonly intervalMs: number;
  /** Is told how each step went. */
  readonly health: HealthPart;
}

/** Repeats a step until the signal aborts, whatever becomes of each. */
export async function repeat({ step, intervalMs, health }: Repeated, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let waitMs = intervalMs;
    try {
      waitMs = await step();
      health.works();
    } catch (error) {
      health.fails(error);
    }
    if (waitMs > 0) await sleep(clock, waitMs, signal);
  }
  health.ends();
}

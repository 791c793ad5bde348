import { type Clock, sleep } from '../clock';
import type { HealthPart } from '../health';

export interface Repeated {
  /** Does its work; true if there is more of it to do at once. */
  readonly step: () => Promise<boolean>;
  /** Between two steps, in milliseconds. */
  readonly intervalMs: number;
  /** Is told how each step went. */
  readonly health: HealthPart;
}

/** Repeats a step until the signal aborts, whatever becomes of each. */
export async function repeat({ step, intervalMs, health }: Repeated, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const more = await step();
      health.works();
      if (more) continue;
    } catch (error) {
      health.fails(error);
    }
    await sleep(clock, intervalMs, signal);
  }
  health.ends();
}

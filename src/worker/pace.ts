import type { Clock } from '../clock';

/** Ends are counted over so long a time: short beside what a user notices, long beside a call of the store. */
const WINDOW_MS = 10;

/** How fast runs end: so many ids may be taken before there are slots for them. */
export class Pace {
  private windowEndsMs = 0;
  private ends = 0;
  private endsBefore = 0;

  constructor(private readonly clock: Clock) {}

  ended(): void {
    this.turn();
    this.ends += 1;
  }

  /** Ends a window, without the first: a run now and then is no pace. */
  get perWindow(): number {
    this.turn();
    return Math.max(0, this.ends - 1, this.endsBefore - 1);
  }

  private turn(): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs < this.windowEndsMs) return;
    this.endsBefore = nowMs < this.windowEndsMs + WINDOW_MS ? this.ends : 0;
    this.ends = 0;
    this.windowEndsMs = nowMs + WINDOW_MS;
  }
}

import type { Clock, Timer } from '../../src/clock';

interface PendingTimer {
  readonly dueMs: number;
  readonly callback: () => void;
}

// Work that batches per event-loop turn and then sets a timer needs a few turns, not one.
const TURNS = 4;

/** A clock that stands still until a test advances it. */
export class ManualClock implements Clock {
  private elapsedMs = 0;
  private readonly timers = new Set<PendingTimer>();

  constructor(private wallStartMs = Date.UTC(2030, 0, 1)) {}

  nowMs(): number {
    return this.wallStartMs + this.elapsedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  /** How many timers wait: 0 shows that what was stopped left none behind. */
  get timerCount(): number {
    return this.timers.size;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    // At least 1 ms, as Node's own: a timer that sets itself anew with 0 must not hold `advance` for ever.
    const timer: PendingTimer = { dueMs: this.elapsedMs + Math.max(1, delayMs), callback };
    this.timers.add(timer);
    return { cancel: () => this.timers.delete(timer) };
  }

  /**
   * Lets `ms` pass: timers fire when their moment comes, also those set on the way, and promises settle in between.
   * It does not wait for sockets or files: after an answer of Redis is awaited, advance again.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.elapsedMs + ms;
    await settle();
    for (let timer = this.nextUntil(endMs); timer !== undefined; timer = this.nextUntil(endMs)) {
      this.timers.delete(timer);
      this.elapsedMs = Math.max(this.elapsedMs, timer.dueMs);
      timer.callback();
      await settle();
    }
    this.elapsedMs = Math.max(this.elapsedMs, endMs);
  }

  /** Sets the wall clock forward or back, as an operator or NTP does; durations don't notice. */
  shiftWall(deltaMs: number): void {
    this.wallStartMs += deltaMs;
  }

  private nextUntil(endMs: number): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.timers) {
      if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

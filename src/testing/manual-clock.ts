import { type Clock, nextTurn, type Timer } from '../clock';
import { type Duration, parseDuration } from '../task/duration';

interface PendingTimer {
  /** On the monotonic clock. */
  readonly dueMs: number;
  readonly callback: () => void;
  readonly owner: unknown;
}

// Work that batches per event-loop turn and then sets a timer needs a few turns, not one.
const TURNS = 4;

/** A clock that stands still until a test advances it. */
export class ManualClock implements Clock {
  private elapsedMs = 0;
  private readonly timers = new Set<PendingTimer>();
  /** How many timers each owner waits for. */
  private readonly owned = new Map<unknown, number>();

  /**
   * @param wallStartMs Epoch milliseconds; default the beginning of 2030, UTC.
   * @param ownerOf Who sets a timer; undefined: nobody in particular.
   */
  constructor(
    private wallStartMs = Date.UTC(2030, 0, 1),
    private readonly ownerOf: () => unknown = () => undefined,
  ) {}

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

  /** In how many milliseconds the next timer fires; Infinity: there is none. */
  get msUntilNext(): number {
    const next = this.nextUntil(Number.POSITIVE_INFINITY);
    return next === undefined ? Number.POSITIVE_INFINITY : Math.max(0, next.dueMs - this.elapsedMs);
  }

  /** Whether a timer of this owner waits. */
  waitsFor(owner: unknown): boolean {
    return this.owned.has(owner);
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    // At least 1 ms, as Node's own: a timer that sets itself anew with 0 must not hold `advance` for ever.
    const timer: PendingTimer = { dueMs: this.elapsedMs + Math.max(1, delayMs), callback, owner: this.ownerOf() };
    this.timers.add(timer);
    this.count(timer.owner, 1);
    return { cancel: () => this.drop(timer) };
  }

  /**
   * Lets time pass: timers fire when their moment comes, also those set on the way, and promises settle in between.
   * It does not wait for sockets or files: after an answer of Redis is awaited, advance again.
   * @param settle What is waited for before time goes on; by default a few turns of the event loop.
   */
  async advance(duration: Duration, settle: () => Promise<void> = fewTurns): Promise<void> {
    const endMs = this.elapsedMs + parseDuration(duration, 'the time to advance');
    await settle();
    for (let timer = this.nextUntil(endMs); timer !== undefined; timer = this.nextUntil(endMs)) {
      this.drop(timer);
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

  private drop(timer: PendingTimer): void {
    if (this.timers.delete(timer)) this.count(timer.owner, -1);
  }

  private count(owner: unknown, change: 1 | -1): void {
    if (owner === undefined) return;
    const count = (this.owned.get(owner) ?? 0) + change;
    if (count > 0) this.owned.set(owner, count);
    else this.owned.delete(owner);
  }
}

async function fewTurns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await nextTurn();
}

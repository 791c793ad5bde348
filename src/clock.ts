import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nodeImmediate, setTimeout as nodeTimeout } from 'node:timers';
import type { InjectionToken } from 'tsyringe';

/** A timer that was set; cancelling it twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** The only source of time: wall clock for what is stored, monotonic for durations. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Calls `callback` once, after `delayMs`. */
  setTimer(callback: () => void, delayMs: number): Timer;
}

export const CLOCK: InjectionToken<Clock> = Symbol('taskwarden.Clock');

/** Beyond it, 24.8 days, Node fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class SystemClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    if (delayMs > LONGEST_TIMER_MS) return this.setLongTimer(callback, delayMs);
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  }

  /** In steps. */
  private setLongTimer(callback: () => void, delayMs: number): Timer {
    const endsMs = this.monotonicMs() + delayMs;
    let step: Timer;
    const goOn = () => {
      step = this.setTimer(callback, Math.max(0, endsMs - this.monotonicMs()));
    };
    step = this.setTimer(goOn, LONGEST_TIMER_MS);
    return { cancel: () => step.cancel() };
  }
}

/** Between two samples of the event loop. */
const LOOP_SAMPLE_MS = 20;
/** What is told covers the last one and the one that has begun: a scrape every 30 seconds misses nothing. */
const LOOP_WINDOW_MS = 30_000;

/** How late the event loop has come round in the last 30 to 60 seconds, in milliseconds. */
export interface LoopLag {
  readonly p99Ms: number;
  readonly longestMs: number;
}

/** Watches how late the event loop comes round, from when it is made until it is stopped. */
export class EventLoopWatch {
  private readonly histogram = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });
  private former: LoopLag = { p99Ms: 0, longestMs: 0 };
  private timer: Timer;

  constructor(private readonly clock: Clock) {
    this.histogram.enable();
    this.timer = clock.setTimer(() => this.turnOver(), LOOP_WINDOW_MS);
  }

  get lag(): LoopLag {
    const { p99Ms, longestMs } = this.current;
    return { p99Ms: Math.max(p99Ms, this.former.p99Ms), longestMs: Math.max(longestMs, this.former.longestMs) };
  }

  stop(): void {
    this.timer.cancel();
    this.histogram.disable();
  }

  /** Node counts the time between two samples too. */
  private get current(): LoopLag {
    const beyond = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - LOOP_SAMPLE_MS);
    return { p99Ms: beyond(this.histogram.percentile(99)), longestMs: beyond(this.histogram.max) };
  }

  private turnOver(): void {
    this.former = this.current;
    this.histogram.reset();
    this.timer = this.clock.setTimer(() => this.turnOver(), LOOP_WINDOW_MS);
  }
}

// Held on to: a test framework that fakes timers must not keep turns of the event loop from coming.
const [ownImmediate, ownTimeout] = [nodeImmediate, nodeTimeout];

/** Resolves in the next turn of the event loop: what was sent has left by then, and others have had theirs. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => ownImmediate(resolve));
}

/** Calls back in the next turn of the event loop. */
export function inNextTurn(callback: () => void): void {
  ownImmediate(callback);
}

/** In time that really passes, whatever the app's clock says and a test framework has faked. */
export function setRealTimer(callback: () => void, delayMs: number): Timer {
  const handle = ownTimeout(callback, delayMs);
  return { cancel: () => handle.close() };
}

/** Resolves after `delayMs`, or as soon as the signal aborts; it never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return untilFirst(clock, delayMs, signal);
}

/**
 * Waits for some work, for `longestMs` at most, or until the signal aborts.
 * @param work Must not reject.
 * @returns Whether it has ended.
 */
export async function within(
  clock: Clock,
  work: Promise<unknown>,
  longestMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  let ended = false;
  const noted = work.then(() => {
    ended = true;
  });
  await untilFirst(clock, longestMs, signal, noted);
  return ended;
}

/** Without an AbortController of its own: a worker that is busy waits like this once for each batch of runs. */
function untilFirst(clock: Clock, delayMs: number, signal?: AbortSignal, work?: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      timer.cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.setTimer(finish, delayMs);
    signal?.addEventListener('abort', finish, { once: true });
    void work?.then(finish);
  });
}

import type { Clock, EventBus, TaskEvent, Unsubscribe } from '../../index';

/** By the events of all tasks: how many a second. */
export interface Rates {
  /** Runs that began, attempts after a retry among them. */
  readonly startsPerSecond: number;
  /** Tasks that ended, failed ones among them; not those that were stopped or removed. */
  readonly endsPerSecond: number;
  /** Tasks that ended as ERROR or EXCEPTION. */
  readonly failuresPerSecond: number;
}

/**
 * Counts what workers publish at the begin and the end of each run anyway. For Redis that is one message more an event while
 * somebody counts; no command is added to the life of a task, and no key is read. What is published while the connection is away
 * is not counted.
 */
export class EventRates {
  private starts = 0;
  private ends = 0;
  private failures = 0;
  private sinceMs: number;

  constructor(private readonly clock: Clock) {
    this.sinceMs = clock.monotonicMs();
  }

  listen(bus: EventBus): Promise<Unsubscribe> {
    return bus.onEvery((event) => this.note(event));
  }

  /** Since it was asked last. */
  take(): Rates {
    const nowMs = this.clock.monotonicMs();
    const seconds = Math.max(1, nowMs - this.sinceMs) / 1_000;
    const perSecond = (count: number) => Math.round((count / seconds) * 10) / 10;
    const rates = {
      startsPerSecond: perSecond(this.starts),
      endsPerSecond: perSecond(this.ends),
      failuresPerSecond: perSecond(this.failures),
    };
    this.starts = 0;
    this.ends = 0;
    this.failures = 0;
    this.sinceMs = nowMs;
    return rates;
  }

  private note({ event }: TaskEvent): void {
    if (event === 'start') this.starts += 1;
    if (event === 'success' || event === 'error' || event === 'exception') this.ends += 1;
    if (event === 'error' || event === 'exception') this.failures += 1;
  }
}

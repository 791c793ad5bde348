import { patiently } from '../backoff';
import type { Clock } from '../clock';
import type { Unsubscribe } from './event-bus';

/** One subscription that is wanted from `start` to `stop`; while the store is away it goes on trying to get it. */
export class PatientSubscription {
  private stopped = false;
  private subscribing: Promise<Unsubscribe> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly subscribe: () => Promise<Unsubscribe>,
  ) {}

  /**
   * Resolves when the subscription stands; a second call makes no other.
   * @throws {StoreUnavailableError} It was stopped before that.
   */
  async start(): Promise<void> {
    this.subscribing ??= patiently(this.clock, this.subscribe, () => !this.stopped);
    await this.subscribing;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const unsubscribe = await this.subscribing?.catch(() => undefined); // Who called start has the error.
    await unsubscribe?.();
  }
}

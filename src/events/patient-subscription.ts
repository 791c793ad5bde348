import { patiently } from '../backoff';
import type { Clock } from '../clock';
import type { HealthPart } from '../health';
import type { Unsubscribe } from './event-bus';

/** One subscription that is wanted from `start` to `stop`; while the store is away it goes on trying to get it. */
export class PatientSubscription {
  private stopped = false;
  private subscribing: Promise<Unsubscribe> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly subscribe: () => Promise<Unsubscribe>,
    private readonly health: HealthPart,
  ) {}

  /**
   * Resolves when the subscription stands; a second call makes no other.
   * @throws {StoreUnavailableError} It was stopped before that.
   */
  async start(): Promise<void> {
    this.subscribing ??= patiently(
      this.clock,
      () => this.attempt(),
      () => !this.stopped,
    );
    await this.subscribing;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const unsubscribe = await this.subscribing?.catch(() => undefined); // Who called start has the error.
    await unsubscribe?.();
  }

  private async attempt(): Promise<Unsubscribe> {
    try {
      const unsubscribe = await this.subscribe();
      this.health.works();
      return unsubscribe;
    } catch (error) {
      if (this.stopped) this.health.ends();
      else this.health.fails(error);
      throw error;
    }
  }
}

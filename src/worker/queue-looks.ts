import type { TakeLimits } from '../store/limits';
import { MOST_TAKEN } from '../store/worker-store';
import type { QueueShare, QueueShares } from './queue-shares';
import type { RunEnvironment } from './run-environment';
import type { TakenIds } from './taken-ids';

/** So often an idle worker looks at the queues that it does not block on: a plain push into one of them tells nobody. */
const LOOK_AGAIN_MS = 250;

export interface Look {
  /** Ids that there is room for; 0 only tells that the worker is alive. */
  readonly limit: number;
  /** How long to wait for a first id. */
  readonly waitMs: number;
}

/** Looks through the queues of a worker for ids to take. */
export class QueueLooks {
  /** When it last told each queue that it is alive, on the monotonic clock. */
  private readonly renewedMs = new Map<string, number>();

  constructor(
    private readonly environment: RunEnvironment,
    private readonly queues: QueueShares,
    private readonly taken: TakenIds,
    private readonly limitsOf: (queue: string) => TakeLimits | undefined,
  ) {}

  /** How many ids may be taken, as far as the bounds of the queues go. */
  get room(): number {
    return this.queues.all.reduce((sum, share) => sum + this.taken.roomOf(share), 0);
  }

  /** Whether the end of a run makes room in a queue that is at its bound. */
  get isAtBound(): boolean {
    return this.queues.all.some((share) => this.taken.roomOf(share) === 0);
  }

  /** In how many milliseconds a queue is to be told again that the worker is alive. */
  get msUntilRenewal(): number {
    const times = this.queues.names.map((name) => this.renewedMs.get(name) ?? Number.NEGATIVE_INFINITY);
    return Math.min(...times) + this.environment.settings.heartbeatMs - this.environment.clock.monotonicMs();
  }

  /**
   * Takes ids from the queues in their order, and where there are none waits for one.
   * @param signal Ends the wait.
   * @returns Whether there was less than was asked for.
   */
  async look({ limit, waitMs }: Look, signal: AbortSignal): Promise<boolean> {
    if (this.queues.isOne) {
      const { primary } = this.queues;
      const wanted = Math.min(limit, this.taken.roomOf(primary));
      return (await this.take(primary, wanted, wanted > 0 ? waitMs : 0, signal)).count < Math.min(wanted, MOST_TAKEN);
    }
    let left = limit;
    let msUntilMore = Number.POSITIVE_INFINITY;
    for (const share of this.queues.next()) {
      const wanted = Math.min(left, this.taken.roomOf(share));
      if (wanted === 0 && !this.isDue(share)) continue;
      const found = await this.take(share, wanted, 0, signal);
      left -= found.count;
      msUntilMore = Math.min(msUntilMore, found.msUntilMore);
    }
    if (left < limit || waitMs === 0 || signal.aborted) return left > 0;
    const hasRoom = (share: QueueShare) => this.taken.roomOf(share) > 0;
    const share = hasRoom(this.queues.primary) ? this.queues.primary : this.queues.all.find(hasRoom);
    if (!share) return true;
    const wanted = Math.min(left, this.taken.roomOf(share));
    const found = await this.take(share, wanted, Math.min(waitMs, LOOK_AGAIN_MS, msUntilMore), signal);
    return found.count < wanted;
  }

  private async take(share: QueueShare, limit: number, waitMs: number, signal: AbortSignal) {
    const { clock, settings, store, pulse, workerId: worker } = this.environment;
    const queue = share.name;
    const askedMs = clock.monotonicMs();
    const request = { worker, queue, limit, waitMs, keepMs: settings.leaseMs, limits: this.limitsOf(queue) };
    const { ids, lapsed, msUntilMore = Number.POSITIVE_INFINITY } = await store.take(request, signal);
    this.renewedMs.set(queue, askedMs);
    pulse.takenMs = clock.monotonicMs();
    if (lapsed) this.taken.drop(queue);
    this.taken.add(ids, queue);
    return { count: ids.length, msUntilMore };
  }

  private isDue({ name }: QueueShare): boolean {
    const renewedMs = this.renewedMs.get(name) ?? Number.NEGATIVE_INFINITY;
    return this.environment.clock.monotonicMs() >= renewedMs + this.environment.settings.heartbeatMs;
  }
}

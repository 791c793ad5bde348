import type { Limit, TaskLimits } from '../../task/limit';
import { PRIORITY_STEP_MS } from '../../task/priority';
import { DueTimes } from './due-times';

/** When the next start conforms to the rate of a limit, and until when what was started counts then. */
class RateClock {
  private countsUntilMs = 0;

  readyMs({ rate }: Limit): number {
    return rate === undefined ? 0 : this.countsUntilMs - rate.perMs + rate.perMs / rate.max;
  }

  spend({ rate }: Limit, nowMs: number): void {
    if (rate !== undefined) this.countsUntilMs = Math.max(nowMs, this.countsUntilMs) + rate.perMs / rate.max;
  }

  isFresh(nowMs: number): boolean {
    return this.countsUntilMs <= nowMs;
  }
}

class Lane {
  /** Ids in the order of their turn. */
  readonly parked = new DueTimes();
  readonly rate = new RateClock();
  holders = 0;
}

/** The places under the limits of a queue as a whole. */
export class MemoryQueueLimit {
  readonly holders = new Set<string>();
  readonly rate = new RateClock();
}

/** Where the tasks of one name wait that stand under limits, and the places that those hold that run. */
export class MemoryLanes {
  /** In the order of their turn: one that was served goes to the end. */
  private readonly lanes = new Map<string, Lane>();
  private readonly rate = new RateClock();
  private readonly laneOf = new Map<string, string>();

  constructor(private readonly ofQueue: MemoryQueueLimit) {}

  isHolder(id: string): boolean {
    return this.laneOf.has(id);
  }

  includes(id: string): boolean {
    return [...this.lanes.values()].some(({ parked }) => parked.has(id));
  }

  get size(): number {
    return [...this.lanes.values()].reduce((sum, { parked }) => sum + parked.size, 0);
  }

  park(name: string, id: string, sinceMs: number, levels: number): void {
    let lane = this.lanes.get(name);
    if (lane === undefined) {
      lane = new Lane();
      this.lanes.set(name, lane);
    }
    lane.parked.set(id, sinceMs + levels * PRIORITY_STEP_MS);
  }

  /** Takes all that wait out of their lanes. */
  empty(): string[] {
    return [...this.lanes.values()].flatMap(({ parked }) => {
      const ids = parked.names();
      parked.clear();
      return ids;
    });
  }

  /** The next id that the limits admit; or when a rate admits one, in epoch milliseconds; undefined: once a run has ended. */
  admit(limits: TaskLimits, queue: Limit, nowMs: number): string | number | undefined {
    if (this.laneOf.size >= limits.total.concurrency || this.ofQueue.holders.size >= queue.concurrency)
      return undefined;
    const readyMs = Math.max(this.rate.readyMs(limits.total), this.ofQueue.rate.readyMs(queue));
    let earliestMs: number | undefined;
    for (const [name, lane] of this.lanes) {
      if (lane.parked.size === 0 || lane.holders >= limits.perKey.concurrency) continue;
      const laneMs = Math.max(readyMs, lane.rate.readyMs(limits.perKey));
      if (laneMs <= nowMs) return this.serve(name, lane, limits, queue, nowMs);
      earliestMs = Math.min(earliestMs ?? laneMs, laneMs);
    }
    return earliestMs;
  }

  /** Frees the place that a task holds; answers whether it held one. */
  free(id: string, nowMs: number): boolean {
    this.ofQueue.holders.delete(id);
    const name = this.laneOf.get(id);
    if (name === undefined) return false;
    this.laneOf.delete(id);
    const lane = this.lanes.get(name);
    if (lane !== undefined) {
      lane.holders -= 1;
      if (lane.parked.size === 0 && lane.holders === 0 && lane.rate.isFresh(nowMs)) this.lanes.delete(name);
    }
    return true;
  }

  /** Those that hold a place. */
  get holders(): readonly string[] {
    return [...this.laneOf.keys()];
  }

  private serve(name: string, lane: Lane, { total, perKey }: TaskLimits, queue: Limit, nowMs: number): string {
    const id = lane.parked.takeFirst() as string;
    if (!this.laneOf.has(id)) {
      this.laneOf.set(id, name);
      lane.holders += 1;
      if (Number.isFinite(queue.concurrency)) this.ofQueue.holders.add(id);
    }
    this.rate.spend(total, nowMs);
    this.ofQueue.rate.spend(queue, nowMs);
    lane.rate.spend(perKey, nowMs);
    this.lanes.delete(name);
    this.lanes.set(name, lane);
    return id;
  }
}

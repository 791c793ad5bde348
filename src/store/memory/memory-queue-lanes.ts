import type { Clock } from '../../clock';
import { DEFAULT_PRIORITY } from '../../task/priority';
import type { LanedTask, TakeLimits } from '../limits';
import { MemoryLanes, MemoryQueueLimit } from './memory-lanes';

export interface MemoryAdmitted {
  /** Id -> the name under whose limits it holds a place. */
  readonly ids: ReadonlyMap<string, string>;
  /** When a rate admits more, in epoch milliseconds. */
  readonly atMs: number | undefined;
}

/** The lanes of all names of one queue. */
export class MemoryQueueLanes {
  private readonly byName = new Map<string, MemoryLanes>();
  private readonly ofQueue = new MemoryQueueLimit();

  /** @param wake Called when there may be more to admit. */
  constructor(
    private readonly clock: Clock,
    private readonly wake: () => void,
  ) {}

  get size(): number {
    let size = 0;
    for (const lanes of this.byName.values()) size += lanes.size;
    return size;
  }

  includes(id: string): boolean {
    return [...this.byName.values()].some((lanes) => lanes.includes(id));
  }

  isHolder(name: string, id: string): boolean {
    return this.of(name).isHolder(id);
  }

  park({ id, name, lane, createdMs, priority }: LanedTask): void {
    this.of(name).park(lane, id, createdMs ?? this.clock.nowMs(), priority - DEFAULT_PRIORITY);
    this.wake();
  }

  /** Frees the place that a task holds under the limits of its name. */
  free(name: string, id: string): void {
    if (this.of(name).free(id, this.clock.nowMs())) this.wake();
  }

  /** Frees the places of all that are over. */
  freeHolders(isOver: (id: string) => boolean): void {
    for (const [name, lanes] of this.byName) {
      for (const id of lanes.holders) if (isOver(id)) this.free(name, id);
    }
  }

  /** Takes ids out of their lanes, as the limits allow, name by name. */
  admit(limit: number, { names, queue }: TakeLimits): MemoryAdmitted {
    const ids = new Map<string, string>();
    let atMs: number | undefined;
    for (const [name, { room, ...limits }] of names) {
      for (let admitted = 0; admitted < room && ids.size < limit; admitted++) {
        const next = this.of(name).admit(limits, queue, this.clock.nowMs());
        if (typeof next === 'number') atMs = Math.min(next, atMs ?? next);
        if (typeof next !== 'string') break;
        ids.set(next, name);
      }
    }
    return { ids, atMs };
  }

  /** Takes all that wait out of their lanes. */
  empty(): string[] {
    return [...this.byName.values()].flatMap((lanes) => lanes.empty());
  }

  private of(name: string): MemoryLanes {
    let lanes = this.byName.get(name);
    if (lanes === undefined) {
      lanes = new MemoryLanes(this.ofQueue);
      this.byName.set(name, lanes);
    }
    return lanes;
  }
}

import type { Clock } from '../clock';
import { KEYLESS_LANE, laneOfInput } from '../input/lane-of-input';
import { parseInput } from '../input/parse-input';
import type { TaskRegistry } from '../metadata/task-registry';
import type { TakeLimits } from '../store/limits';
import { NO_LIMIT, type TaskLimits } from '../task/limit';
import type { QueueShare } from './queue-shares';

const UNLIMITED: TaskLimits = { total: NO_LIMIT, perKey: NO_LIMIT };

/** The limits that the tasks of a worker stand under, by their class and by their queue. */
export class Limits {
  private readonly namesOf = new Map<string, ReadonlyMap<string, TaskLimits>>();
  /** When each queue is to be looked through for what no limit of this worker holds up, on the monotonic clock. */
  private readonly lookAtMs = new Map<string, number>();

  constructor(
    private readonly registry: TaskRegistry,
    private readonly shares: readonly QueueShare[],
    private readonly clock: Clock,
    private readonly lookEveryMs: number,
  ) {
    for (const { name: queue, limit } of shares) {
      this.lookAtMs.set(queue, clock.monotonicMs() + lookEveryMs);
      const names = [...registry].flatMap(({ name, options }) => {
        // In a queue with limits all wait in lanes: there the limits are looked at.
        const limits = options.limit?.limits ?? (limit && UNLIMITED);
        return limits ? [[name, limits] as const] : [];
      });
      if (names.length > 0) this.namesOf.set(queue, new Map(names));
    }
  }

  /** The names that stand under limits in a queue; undefined where there are none. */
  names(queue: string): ReadonlySet<string> | undefined {
    const names = this.namesOf.get(queue);
    return names && new Set(names.keys());
  }

  /** @param slotsNow Tells how many more runs of each name may begin here. */
  ofTake(queue: string, slotsNow: () => ReadonlyMap<string, number>): TakeLimits | undefined {
    const limits = this.isLookDue(queue) ? this.ofAll(queue) : this.namesOf.get(queue);
    if (!limits) return undefined;
    const slots = slotsNow();
    const names = new Map([...limits].map(([name, one]) => [name, { ...one, room: slots.get(name) ?? 0 }]));
    return { names, queue: this.shares.find(({ name }) => name === queue)?.limit ?? NO_LIMIT };
  }

  /** What other versions of a class, with a limit, have put into lanes is not to stay there when the last of them is gone. */
  private ofAll(queue: string): ReadonlyMap<string, TaskLimits> {
    const limits = this.namesOf.get(queue);
    return new Map([...this.registry].map(({ name }) => [name, limits?.get(name) ?? UNLIMITED]));
  }

  private isLookDue(queue: string): boolean {
    const nowMs = this.clock.monotonicMs();
    if (nowMs < (this.lookAtMs.get(queue) ?? Number.POSITIVE_INFINITY)) return false;
    this.lookAtMs.set(queue, nowMs + this.lookEveryMs);
    return true;
  }

  /**
   * The lane of a task. One whose key function fails waits with all others that have no key: it is to run, and no limit is to be left
   * behind. Undefined where its input is not valid, which its run will tell.
   */
  laneOf(name: string, data: string | undefined): string | undefined {
    const definition = this.registry.get(name);
    if (!definition) return undefined;
    let input: object;
    try {
      input = parseInput(definition, data);
    } catch {
      return undefined;
    }
    try {
      return laneOfInput(definition, input);
    } catch {
      return KEYLESS_LANE;
    }
  }
}

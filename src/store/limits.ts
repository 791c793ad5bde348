import type { Limit, TaskLimits } from '../task/limit';

/** What a take has to know of limits. */
export interface TakeLimits {
  /** Names this worker runs that wait in lanes -> their limits, and how many runs of them may begin here. */
  readonly names: ReadonlyMap<string, TaskLimits & { readonly room: number }>;
  /** Of the queue as a whole, whatever the names. */
  readonly queue: Limit;
}

/** A task to be put into its lane. */
export interface LanedTask {
  readonly id: string;
  readonly name: string;
  /** Of its key; see `laneOf`. */
  readonly lane: string;
  /** Since when it waits: the lane is in this order. Undefined: from now on. */
  readonly createdMs: number | undefined;
  /** From 0, taken first, to 9. */
  readonly priority: number;
}

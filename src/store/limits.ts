import type { Limit, TaskLimits } from '../task/limit';
import { DEFAULT_PRIORITY, priorityMistake } from '../task/priority';

/** In the year 2255. */
const LATEST_MS = 9e12;

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

/** What decides on the turn of a task in its lane, from the fields of its hash: any program may have written them. */
export function turnOf(created: string | null | undefined, priority: string | null | undefined) {
  const createdMs = Number(created ?? Number.NaN);
  const level = Number(priority ?? DEFAULT_PRIORITY);
  return {
    // A lane is in the order of numbers of one length.
    createdMs: createdMs >= 0 && createdMs <= LATEST_MS ? createdMs : undefined,
    priority: priorityMistake(level) === undefined ? level : DEFAULT_PRIORITY,
  };
}

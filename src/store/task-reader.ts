import type { InjectionToken } from 'tsyringe';
import type { TaskRecord } from '../task/record';

/** How many ids each place holds. */
export interface TaskCounts {
  readonly waiting: number;
  /** Handed back, and due to wait again later. */
  readonly delayed: number;
  /** Running, stopped, or ended with cleanup switched off. */
  readonly active: number;
  /** Ended and not yet cleaned up. */
  readonly ended: number;
}

/** Look-ups; nothing here changes a task. */
export interface TaskReader {
  /** The records in the order of the ids; undefined for each that does not exist. */
  get(ids: readonly string[]): Promise<(TaskRecord | undefined)[]>;
  counts(): Promise<TaskCounts>;
  /** The next ids to be taken, the first of them first; at most `limit`. */
  waiting(limit: number): Promise<string[]>;
  /** Ids that ended and wait for clean-up, the oldest first; at most `limit`. */
  ended(limit: number): Promise<string[]>;
  /** The active ids in no order, fetched in steps; a set that changes meanwhile may be told incompletely. */
  active(): AsyncIterable<string>;
}

export const TASK_READER: InjectionToken<TaskReader> = Symbol('taskwarden.TaskReader');

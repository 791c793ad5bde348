import type { InjectionToken } from 'tsyringe';
import type { TaskRecord } from '../task/record';
import type { TaskQuery } from './task-query';

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

/** What one step of a search has found. */
export interface FoundStep {
  /** So many tasks were looked at; those that the store told twice count twice. */
  readonly looked: number;
  /** Those that match, each once. */
  readonly ids: readonly string[];
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
  /**
   * Looks through all tasks in steps, in no order, some thousand in memory. A task that is there and matches all the while is
   * told exactly once; one that comes, goes or changes meanwhile may be told or not.
   */
  find(query: TaskQuery): AsyncIterable<FoundStep>;
}

export const TASK_READER: InjectionToken<TaskReader> = Symbol('taskwarden.TaskReader');

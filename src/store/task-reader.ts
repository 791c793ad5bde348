import type { InjectionToken } from 'tsyringe';
import type { TaskLogLine } from '../task/log-line';
import type { TaskRecord } from '../task/record';
import type { TaskQuery } from './task-query';
import type { WorkerRecord } from './worker-records';

/** How many ids each place holds, those of all queues together. */
export interface TaskCounts {
  /** To be taken now. */
  readonly waiting: number;
  /** Beside the queues, until their time: a delay, the next attempt, or where no worker knew them. */
  readonly delayed: number;
  /** Running, stopped, or ended with cleanup switched off. */
  readonly active: number;
  /** Ended and not yet cleaned up. */
  readonly ended: number;
}

/** A queue as it is. */
export interface QueueRecord {
  readonly name: string;
  /** Tasks to be taken now. */
  readonly waiting: number;
  /** Tasks that wait for their time: a delay, or the next attempt. */
  readonly delayed: number;
  /** Nothing is taken from it. */
  readonly paused: boolean;
  /**
   * Since when the one waits that has waited longest, epoch milliseconds, those under limits not counted; undefined where none waits, or
   * its producer wrote no time.
   */
  readonly oldestMs: number | undefined;
}

/** What one step of a search has found. */
export interface FoundStep {
  /** So many tasks were looked at; those that the store told twice count twice. */
  readonly looked: number;
  /** Those that match, each once. */
  readonly ids: readonly string[];
}

/** What is asked of workers. */
export interface WorkersOptions {
  /** False: `running` and `seenMs` are left undefined, and no run is read, which is most of what the look costs. Default true. */
  readonly runs?: boolean;
}

/** Look-ups; nothing here changes a task. */
export interface TaskReader {
  /** One round trip to where tasks are taken from, as small as there is. @throws {StoreUnavailableError} @throws {StoreRefusedError} */
  ping(): Promise<void>;
  /** The records in the order of the ids; undefined for each that does not exist. */
  get(ids: readonly string[]): Promise<(TaskRecord | undefined)[]>;
  /** The last lines of the log that a task has of its own, the oldest first; at most `limit`, and none where there is no log. */
  log(id: string, limit: number): Promise<TaskLogLine[]>;
  /** @param queues All of them, as they were read just now: what waits in them is not read anew. */
  counts(queues?: readonly QueueRecord[]): Promise<TaskCounts>;
  /** All queues that somebody has used, by name, the default one first. */
  queues(): Promise<QueueRecord[]>;
  /**
   * All workers that take from queues, by id: the living ones, and those that fell silent within the last hour. Without `runs` what they
   * run is neither read nor told.
   */
  workers(options?: WorkersOptions): Promise<WorkerRecord[]>;
  /** The next ids to be taken from a queue, the first of them first; at most `limit`. Those that wait under limits are not among them. */
  waiting(limit: number, queue?: string): Promise<string[]>;
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

/** What waits in all of them. */
export function sumOf(
  queues: readonly Pick<QueueRecord, 'waiting' | 'delayed'>[],
): Pick<TaskCounts, 'waiting' | 'delayed'> {
  const sum = { waiting: 0, delayed: 0 };
  for (const { waiting, delayed } of queues) {
    sum.waiting += waiting;
    sum.delayed += delayed;
  }
  return sum;
}

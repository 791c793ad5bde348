import type { InjectionToken } from 'tsyringe';
import type { QueueShare } from './queue-shares';
import type { TaskLogSettings } from './task-logs';

/** The worker's numbers, read from the app's options; all times in milliseconds. */
export interface WorkerSettings {
  /** Runs at a time, local tasks not counted. */
  readonly concurrency: number;
  /** The queues to take from, one or more. */
  readonly queues: readonly QueueShare[];
  readonly heartbeatMs: number;
  /** Without a heartbeat for so long a run is taken for dead, and given to another worker. */
  readonly leaseMs: number;
  /** How long other workers get the chance to take an unknown task. */
  readonly unknownTaskTimeoutMs: number;
  /** How long a stopped run may take to end before it is left behind. */
  readonly stopTimeoutMs: number;
  /** How long runs may go on when the worker leaves. */
  readonly graceMs: number;
  /** What is kept in the log of a task; undefined: tasks have none. */
  readonly taskLog: TaskLogSettings | undefined;
}

export const WORKER_SETTINGS: InjectionToken<WorkerSettings> = Symbol('taskwarden.WorkerSettings');

/** The name of this process's worker, as it stands in the field `worker`. */
export const WORKER_ID: InjectionToken<string> = Symbol('taskwarden.WorkerId');

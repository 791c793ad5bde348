import type { ReapReport } from '../store/supervisor-store';

/** New tasks that were written in one call: those of one name and queue. */
export interface EnqueuedTasks {
  readonly taskName: string;
  readonly queue: string;
  readonly count: number;
}

/** A run whose code is about to begin. */
export interface BegunRun {
  readonly taskId: string;
  /** Undefined where the hash names no task. Any producer may have written it: not all names are known here. */
  readonly taskName: string | undefined;
  /** From which it was taken. */
  readonly queue: string;
  /** A local task, which was in no queue: the monitor and the cleanup are such. */
  readonly local: boolean;
  /** 1 for the first run of the task. */
  readonly attempt: number;
  /**
   * How long the task has waited since it might have been taken, in milliseconds by the clock of the store: since it was enqueued, was
   * due, was restarted, or since the last sign of life of a run that was cut short. Undefined where it was in no queue, or its producer wrote no time.
   */
  readonly waitedMs: number | undefined;
}

/**
 * How a run was over. `success`, `error` and `exception`: its task has ended so. `retried`: it failed, and another one follows. `stopped`:
 * by a stop or a removal. `requeued`: the worker leaves. `reloaded`: the next run is in its place. `lost`: its lease was, or its end could
 * not be written; the task runs again.
 */
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

export const RUN_OUTCOMES = [
  'success',
  'error',
  'exception',
  'retried',
  'stopped',
  'requeued',
  'reloaded',
  'lost',
] as const;

/** A run that is over. */
export interface OverRun extends BegunRun {
  readonly outcome: RunOutcome;
  /** How long its code ran, in milliseconds; until now, if it goes on although its time was over. */
  readonly durationMs: number;
  /** Its `timeout` or its deadline was over; it may be retried all the same. */
  readonly timedOut: boolean;
}

/**
 * Is told what this process does, for counters such as StatsD has. The methods are called in between the work, so they are to be
 * short. What one throws, or rejects with, is logged the first time and harms no run.
 */
export interface TaskObserver {
  /** New tasks are in the queue: of starts of this process, and of schedules that it fired. */
  enqueued?(tasks: EnqueuedTasks): void;
  runBegan?(run: BegunRun): void;
  /** Told once for each run that began. */
  runOver?(run: OverRun): void;
  /** The monitor of this process has mended something. */
  reaped?(report: ReapReport): void;
}

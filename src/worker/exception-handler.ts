import type { InjectionToken } from 'tsyringe';

/** The run in which an error was thrown. */
export interface FailedRun {
  readonly taskId: string;
  /** Undefined where the hash names no task. */
  readonly taskName: string | undefined;
  readonly attempt: number;
  /** The JSON text of the input. */
  readonly data: string | undefined;
}

/** Gets what a run threw, itself, before the task ends as EXCEPTION. What the handler throws is logged. */
export type ExceptionHandler = (error: unknown, run: FailedRun) => unknown;

export const EXCEPTION_HANDLER: InjectionToken<ExceptionHandler> = Symbol('taskwarden.ExceptionHandler');

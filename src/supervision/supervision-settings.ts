import type { InjectionToken } from 'tsyringe';
import type { TaskRecord } from '../task/record';

/** Times in milliseconds. */
export interface SupervisionSettings {
  /** Between two passes of the monitor. */
  readonly monitorIntervalMs: number;
  /** So many workers in a row may die of a task before it ends. */
  readonly maxCrashes: number;
  /** A task whose last sign of life is older than this has lost its worker. */
  readonly taskTimeoutMs: number;
  /** Between two searches for orphans; undefined: none. */
  readonly orphanScanMs: number | undefined;
  /** Between two looks at an empty end queue. */
  readonly cleanupIntervalMs: number;
  /** How long tasks that ended as SUCCESS are kept; 0 deletes them at once. */
  readonly keepSuccessMs: number;
  /** How long tasks that ended as ERROR or EXCEPTION are kept. */
  readonly keepFailureMs: number;
}

export const SUPERVISION_SETTINGS: InjectionToken<SupervisionSettings> = Symbol('taskwarden.SupervisionSettings');

/** Is given every task that ended, at least once, before its retention begins. What it throws is logged. */
export interface CleanupHandler {
  handle(task: TaskRecord): unknown;
}

/** Where the user gave none: then nothing is read for it. */
export const NO_HANDLER: CleanupHandler = { handle: () => {} };

export type CleanupHandlerClass = new (...args: never[]) => CleanupHandler;

export const CLEANUP_HANDLER: InjectionToken<CleanupHandler> = Symbol('taskwarden.CleanupHandler');

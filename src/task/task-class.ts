import type { TaskContext } from './task-context';

/** An instance of a task class: one is made for each run. */
export interface TaskInstance {
  start(...args: never[]): unknown;
  /** Called on stop, reload and shutdown, beside the abort of the signal; bounded by `worker.stopTimeout`. */
  stop?(task: TaskContext): unknown;
}

export type TaskClass<T extends TaskInstance = TaskInstance> = new (...args: never[]) => T;

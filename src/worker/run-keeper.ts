import type { AbortReason } from '../errors';
import type { RunOutcome } from '../observing/task-observer';
import type { TaskRun } from './run-task';

/** Why an active run is no longer one: it came to its end, or was interrupted. */
export type RunEnd = 'ended' | AbortReason;

/** Who keeps the runs: it is told of each, as a promise for each would cost as much as the rest of a short run. */
export interface RunKeeper {
  /** No code of the task runs any more. */
  codeEnded(run: TaskRun): void;
  /** The run's outcome is written, or is another run's to write. Not called of a run that was interrupted. */
  ended(run: TaskRun, outcome: RunOutcome): void;
}

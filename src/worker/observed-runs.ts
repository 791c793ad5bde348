import type { Clock } from '../clock';
import { TaskDeadlineError, TaskTimeoutError } from '../errors';
import type { Observers } from '../observing/observers';
import type { BegunRun, RunOutcome } from '../observing/task-observer';
import { DEFAULT_QUEUE } from '../task/queue-name';
import type { TaskRun } from './run-task';

/** Tells observers of the runs of this worker, of each once that it began and once that it is over. */
export class ObservedRuns {
  constructor(
    private readonly observers: Observers,
    private readonly clock: Clock,
  ) {}

  began(run: TaskRun): void {
    const { lease, name, attempt, waitedMs } = run.opened;
    const { id, queue = DEFAULT_QUEUE, local } = lease;
    const begun: BegunRun = { taskId: id, taskName: name, queue, local, attempt, waitedMs };
    // On the run itself: a Map of many short runs costs more than all the rest of the telling.
    run.observed = begun;
    this.observers.runBegan(begun);
  }

  codeEnded(run: TaskRun): void {
    run.codeEndedMs = this.clock.monotonicMs();
  }

  /** Told anew of the same run it does nothing. */
  over(run: TaskRun, outcome: RunOutcome): void {
    const { observed, codeEndedMs = this.clock.monotonicMs() } = run;
    if (!observed) return;
    run.observed = undefined;
    const error = run.failure?.error;
    const timedOut = error instanceof TaskTimeoutError || error instanceof TaskDeadlineError;
    const durationMs = codeEndedMs - run.begunMs;
    // Written out: a copy costs some 2 microseconds a task.
    const { taskId, taskName, queue, local, attempt, waitedMs } = observed;
    this.observers.runOver({
      taskId,
      taskName,
      queue,
      local,
      attempt,
      waitedMs,
      outcome,
      durationMs,
      timedOut,
    });
  }
}

import type { Clock } from '../clock';
import { type AbortReason, TaskDeadlineError, TaskTimeoutError } from '../errors';
import type { Observers } from '../observing/observers';
import type { BegunRun, RunOutcome } from '../observing/task-observer';
import { DEFAULT_QUEUE } from '../task/queue-name';
import type { TaskRun } from './run-task';

interface Observed {
  readonly begun: BegunRun;
  /** On the monotonic clock; undefined while the code goes on. */
  codeEndedMs: number | undefined;
}

/** Tells observers of the runs of this worker, of each once that it began and once that it is over. */
export class ObservedRuns {
  private readonly runs = new Map<TaskRun, Observed>();

  constructor(
    private readonly observers: Observers,
    private readonly clock: Clock,
  ) {}

  began(run: TaskRun): void {
    const { lease, name, attempt, waitedMs } = run.opened;
    const { id, queue = DEFAULT_QUEUE, local } = lease;
    const begun: BegunRun = { taskId: id, taskName: name, queue, local, attempt, waitedMs };
    this.runs.set(run, { begun, codeEndedMs: undefined });
    this.observers.runBegan(begun);
  }

  codeEnded(run: TaskRun): void {
    const observed = this.runs.get(run);
    if (observed) observed.codeEndedMs = this.clock.monotonicMs();
  }

  /** The run was interrupted. */
  interrupted(run: TaskRun, reason: AbortReason): void {
    this.over(run, run.lease.local && reason === 'shutting-down' ? 'stopped' : OUTCOMES[reason]);
  }

  over(run: TaskRun, outcome: RunOutcome): void {
    const observed = this.runs.get(run);
    if (!observed) return;
    this.runs.delete(run);
    const { begun, codeEndedMs = this.clock.monotonicMs() } = observed;
    const error = run.failure?.error;
    const timedOut = error instanceof TaskTimeoutError || error instanceof TaskDeadlineError;
    this.observers.runOver({ ...begun, outcome, durationMs: codeEndedMs - run.begunMs, timedOut });
  }
}

/** What comes of a run that ends for this reason, before its task does. */
const OUTCOMES: Readonly<Record<AbortReason, RunOutcome>> = {
  stopped: 'stopped',
  reloaded: 'reloaded',
  'shutting-down': 'requeued',
  'lease-lost': 'lost',
  // Of a run that is aborted so the outcome is written, as of any other.
  'timed-out': 'EXCEPTION',
};

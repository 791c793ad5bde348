import { type Clock, within } from '../clock';
import { TaskDeadlineError, TaskTimeoutError } from '../errors';
import type { TaskDefinition } from '../metadata/task-definition';
import type { OpenedRun } from '../store/worker-store';

export interface TimeLimit {
  readonly clock: Clock;
  /** How long the code may run; not at all where it is 0 or less. */
  readonly limitMs: number;
  /** What it fails with then. */
  readonly error: Error;
  /** How long the code may go on once it is aborted. */
  readonly graceMs: number;
  /** Tells the code to end; resolves when what it does about that is done. */
  abort(): Promise<void>;
  /** The code goes on after its grace: it is left behind until `ended` resolves. */
  leave(ended: Promise<void>): void;
}

/** How long a run may take: as its class says, and until the deadline of its task; undefined: as long as it wants. */
export function timeLimitOf(
  definition: TaskDefinition | undefined,
  { leftMs = Number.POSITIVE_INFINITY, lease }: OpenedRun,
): Pick<TimeLimit, 'limitMs' | 'error'> | undefined {
  const timeoutMs = definition?.options.timeout ?? Number.POSITIVE_INFINITY;
  if (leftMs < timeoutMs) return { limitMs: leftMs, error: new TaskDeadlineError(lease.id) };
  return timeoutMs === Number.POSITIVE_INFINITY
    ? undefined
    : { limitMs: timeoutMs, error: new TaskTimeoutError(timeoutMs) };
}

/**
 * Runs code for a time, and then has it aborted.
 * @throws {TaskTimeoutError} @throws {TaskDeadlineError} Its time was over, whatever became of it then.
 */
export async function withinTime(run: () => unknown, limit: TimeLimit): Promise<unknown> {
  const { clock, limitMs, error, graceMs } = limit;
  if (limitMs <= 0) throw error;
  const code = (async () => run())();
  const ended = code.then(
    () => {},
    () => {},
  );
  if (await within(clock, ended, limitMs)) return code;
  if (!(await within(clock, Promise.all([limit.abort(), ended]), graceMs))) limit.leave(ended);
  throw error;
}

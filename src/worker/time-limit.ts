import { type Clock, within } from '../clock';
import { TaskTimeoutError } from '../errors';

export interface TimeLimit {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** How long code may take to end once it was aborted. */
  readonly graceMs: number;
  /** Aborts the code; resolves when it has been told, whatever it made of that. */
  abort(): Promise<void>;
  /** The code goes on after its grace: it is left behind until `ended` resolves. */
  leave(ended: Promise<void>): void;
}

/**
 * Runs code for a time, and then has it aborted.
 * @throws {TaskTimeoutError} Its time was over, whatever became of it then.
 */
export async function withinTime(run: () => unknown, limit: TimeLimit): Promise<unknown> {
  const { clock, timeoutMs, graceMs } = limit;
  const code = (async () => run())();
  const ended = code.then(
    () => {},
    () => {},
  );
  if (await within(clock, ended, timeoutMs)) return code;
  if (!(await within(clock, Promise.all([limit.abort(), ended]), graceMs))) limit.leave(ended);
  throw new TaskTimeoutError(timeoutMs);
}

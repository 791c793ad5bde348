import { type TaskEvent, TaskNotFoundError, type TaskRecord } from '../../index';
import { CommandError } from '../command-error';
import { EXIT, type ExitCode } from '../exit-code';
import type { Session } from '../session';

/** How a task that is over ended, and what the exit code says of that. */
const EXIT_OF_STATE: Readonly<Record<string, ExitCode>> = {
  SUCCESS: EXIT.done,
  ERROR: EXIT.failed,
  EXCEPTION: EXIT.failed,
  STOPPED: EXIT.stopped,
};

/** The event that is published when it comes. */
const STATE_OF_EVENT: ReadonlyMap<string, string> = new Map([
  ['success', 'SUCCESS'],
  ['error', 'ERROR'],
  ['exception', 'EXCEPTION'],
  ['stop', 'STOPPED'],
  ['remove', 'STOPPED'],
]);

export interface TaskEnd {
  /** As the record says, or what was heard of a task that is gone by now; undefined where nobody knows. */
  readonly state: string | undefined;
  readonly exitCode: ExitCode;
}

/** @param last The last event that was heard of it. */
export function endOf(record: TaskRecord | undefined, last: TaskEvent | undefined): TaskEnd {
  const heard = last && STATE_OF_EVENT.get(last.event);
  // One that was started anew since has a record, but of another run.
  const isOver = record !== undefined && Object.hasOwn(EXIT_OF_STATE, record.state);
  const state = isOver ? record.state : (heard ?? record?.state);
  return { state, exitCode: state === undefined ? EXIT.missing : (EXIT_OF_STATE[state] ?? EXIT.fault) };
}

/** What `worstOf` looks for, in this order. */
const WORST_FIRST: readonly ExitCode[] = [EXIT.fault, EXIT.failed, EXIT.stopped, EXIT.missing];

/** Of several ends the worst one counts. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.done;
}

/**
 * Waits for the end of a task, and prints its result as JSON.
 * @param timeoutMs Undefined: as long as it takes.
 * @throws {TaskFailedError} @throws {TaskStoppedError} @throws {ResultTimeoutError}
 * @throws {CommandError} It was removed.
 */
export async function printResult(
  { client, output, tellConnection }: Session,
  id: string,
  timeoutMs: number | undefined,
): Promise<void> {
  tellConnection();
  const waiting = client.result(id, timeoutMs === undefined ? {} : { timeout: timeoutMs });
  try {
    output.json((await waiting) ?? null);
  } catch (error) {
    if (!(error instanceof TaskNotFoundError)) throw error;
    throw new CommandError(EXIT.stopped, `Task "${id}" was removed before it ended.`, { cause: error });
  }
}

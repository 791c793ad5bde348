/** The base of every error this package throws; `code` is stable, messages are not. */
export abstract class TaskwardenError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** `createApp`, or a call that takes options or inputs, was given something it cannot work with. */
export class ConfigurationError extends TaskwardenError {
  readonly code = 'CONFIGURATION';
}

/**
 * A decorator stands where it cannot work, or a class cannot be used. Thrown while the class is declared; by `createApp`
 * for what only the app shows; and on first use for an input whose nested classes are declared later.
 */
export class DeclarationError extends TaskwardenError {
  readonly code = 'DECLARATION';
}

/** One refused property of an input. */
export interface Violation {
  /** Dotted from the root, list positions as numbers: `orders.0.zip`; empty for the input as a whole. */
  readonly path: string;
  /** What the value must be, beginning with "must" where the validator says so. */
  readonly message: string;
}

/** An input was refused; `violations` lists every property at fault. */
export class InputError extends TaskwardenError {
  readonly code = 'INPUT_INVALID';

  constructor(
    readonly taskName: string,
    readonly violations: readonly Violation[],
    options?: { cause?: unknown },
  ) {
    super(
      `The input of task "${taskName}" is not valid:\n${violations.map((violation) => `  ${describeViolation(violation)}`).join('\n')}`,
      options,
    );
  }
}

/** A task returned, emitted or was given something that JSON cannot carry. */
export class JsonValueError extends TaskwardenError {
  readonly code = 'JSON_VALUE_INVALID';
}

/** An id that would break a cluster slot or a channel name. */
export class TaskIdError extends TaskwardenError {
  readonly code = 'TASK_ID_INVALID';
}

/** The task is enqueued and will run, but no replica has confirmed it: a failover now could lose it. */
export class NotReplicatedError extends TaskwardenError {
  readonly code = 'NOT_REPLICATED';

  constructor(
    readonly taskId: string,
    withinMs: number,
  ) {
    super(
      `Task ${taskId} is enqueued and will run, but no replica confirmed it within ${withinMs} ms: a failover now could lose it. ` +
        'Does this Redis have a replica, and does it keep up? Starting the task again would run it twice.',
    );
  }
}

/**
 * Throw it from a task for an expected failure: the task ends as `ERROR` with this message. It is retried only where it says
 * that it is `retryable`.
 */
export class TaskError extends TaskwardenError {
  readonly code = 'TASK_ERROR';
  /** Default false: another attempt would fail as well. */
  readonly retryable: boolean;

  constructor(message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options);
    this.retryable = options.retryable ?? false;
  }
}

/** A run took longer than its class allows: what it ends with, or is retried after. */
export class TaskTimeoutError extends TaskwardenError {
  readonly code = 'TASK_TIMEOUT';

  constructor(readonly timeoutMs: number) {
    super(`The run took longer than ${timeoutMs} ms, the timeout of its class, and was aborted.`);
  }
}

/** A task did not end before its deadline: what it ends with, and is not retried after. */
export class TaskDeadlineError extends TaskwardenError {
  readonly code = 'TASK_DEADLINE';

  constructor(readonly taskId: string) {
    super(`Task "${taskId}" did not end before its deadline, which counts from its start: it is not run any further.`);
  }
}

/** A middleware called `next` twice for one run. */
export class MiddlewareError extends TaskwardenError {
  readonly code = 'MIDDLEWARE';

  constructor() {
    super('A middleware called next() twice for one run: call it once, and return its promise.');
  }
}

/** No worker knew the task name within `unknownTaskTimeout`. */
export class UnknownTaskError extends TaskwardenError {
  readonly code = 'TASK_UNKNOWN';
}

/** `start` was given the id of a task that waits or runs. */
export class TaskExistsError extends TaskwardenError {
  readonly code = 'TASK_EXISTS';

  constructor(readonly taskId: string) {
    super(`Task "${taskId}" already waits or runs: choose another id, or use restart("${taskId}").`);
  }
}

/** No task of this id exists: never started, removed, or cleaned up after its retention. */
export class TaskNotFoundError extends TaskwardenError {
  readonly code = 'TASK_NOT_FOUND';

  constructor(readonly taskId: string) {
    super(`Task "${taskId}" does not exist: it was never started, was removed, or its retention has passed.`);
  }
}

/** The awaited task ended as `ERROR` or `EXCEPTION`; the message is its output. */
export class TaskFailedError extends TaskwardenError {
  readonly code = 'TASK_FAILED';

  constructor(
    readonly taskId: string,
    readonly state: 'ERROR' | 'EXCEPTION',
    readonly output: string,
  ) {
    super(`Task "${taskId}" ended as ${state}: ${output}`);
  }
}

/** The awaited task was stopped before it ended. */
export class TaskStoppedError extends TaskwardenError {
  readonly code = 'TASK_STOPPED';

  constructor(readonly taskId: string) {
    super(`Task "${taskId}" was stopped; restart("${taskId}") runs it again.`);
  }
}

/** The task did not end within the time given to `result`; it goes on. */
export class ResultTimeoutError extends TaskwardenError {
  readonly code = 'RESULT_TIMEOUT';

  constructor(
    readonly taskId: string,
    readonly timeoutMs: number,
    /** As it was then. */
    readonly state: string,
    /** The queue that it belongs to. */
    readonly queue: string,
  ) {
    const waits = `it waits in the queue "${queue}" (is a worker started that knows it and takes from there? Is the queue paused, or a limit reached?)`;
    const why = state === 'WAIT' ? waits : `it is ${state}`;
    super(`Task "${taskId}" did not end within ${timeoutMs} ms: ${why}. It is not stopped by this.`);
  }
}

/** Why a run is to end before its `start` returned; a task that is to be removed is stopped first. */
export type AbortReason = 'stopped' | 'reloaded' | 'timed-out' | 'lease-lost' | 'shutting-down';

/** The reason of an aborted `task.signal`, and what a task's own calls throw once it is aborted. */
export class TaskAbortedError extends TaskwardenError {
  readonly code = 'TASK_ABORTED';

  constructor(
    readonly taskId: string,
    readonly reason: AbortReason,
  ) {
    super(`The run of task "${taskId}" is to end: ${reason}.`);
  }
}

/** The app is closed: nothing more can be done with it. */
export class AppClosedError extends TaskwardenError {
  readonly code = 'APP_CLOSED';

  constructor() {
    super('The app is closed: make a new one with createApp.');
  }
}

/** Redis did not answer: nothing is known about the command's effect. Retry when it is back. */
export class StoreUnavailableError extends TaskwardenError {
  readonly code = 'STORE_UNAVAILABLE';
}

/** Redis answered, and refused: out of memory, read-only, no permission, a key of a wrong type. */
export class StoreRefusedError extends TaskwardenError {
  readonly code = 'STORE_REFUSED';
}

/** A process under test ended, or its time was up, before it printed the line awaited; the message holds its output. */
export class LineMissingError extends TaskwardenError {
  readonly code = 'LINE_MISSING';
}

/** An app under test went on and on, or waited for something real for too long; the message says which of its tasks. */
export class NoRestError extends TaskwardenError {
  readonly code = 'NO_REST';
}

/** One violation as a line: `address.zip: must match …`. */
export function describeViolation({ path, message }: Violation): string {
  return path === '' ? message : `${path}: ${message}`;
}

import {
  type InputError,
  type JsonValueError,
  type TaskExistsError,
  type TaskIdError,
  TaskwardenError,
} from './errors';

/** An input that `startMany` did not start; the others are not concerned. */
export interface RefusedStart {
  /** The place of the input, from 0. */
  readonly index: number;
  /** The id that it was given with. */
  readonly id?: string;
  /** As it was given. */
  readonly input: unknown;
  readonly error: InputError | JsonValueError | TaskIdError | TaskExistsError;
}

/** What became of the inputs of `startMany`. */
export interface StartManyReport {
  /** So many tasks are in the queue, or have left it by now. */
  readonly started: number;
  /** So many inputs have a unique key that an earlier task has: they were not started, or have replaced its input. */
  readonly duplicates: number;
  /** So many inputs were refused. */
  readonly refusedCount: number;
  /** The first 100 of them, in their order. */
  readonly refused: readonly RefusedStart[];
  /** With `durability: 'replicated'`: how many no replica has confirmed in time, and the first 100. They run all the same. */
  readonly notReplicated?: { readonly count: number; readonly first: readonly StartedTask[] };
}

/** A task of `startMany`: the place of its input, and its own id or the one that was drawn for it. */
export interface StartedTask {
  readonly index: number;
  readonly id: string;
}

/**
 * `startMany` ended before its inputs did; `cause` says why: the store does not answer, the iterable or `onStarted` threw,
 * the signal was aborted (then it is the reason), or the app closes. Every input before `nextIndex` is counted in the
 * report or listed in `inDoubt`, and none from there on was sent.
 */
export class StartManyError extends TaskwardenError {
  readonly code = 'START_MANY_ENDED_EARLY';
  /** At most 500. `restartIfState(id, 'WAIT')` makes sure of one that is there, and answers `missing` for one that is not. */
  readonly inDoubt: readonly StartedTask[];
  readonly nextIndex: number;

  constructor(
    taskName: string,
    readonly report: StartManyReport,
    { inDoubt, nextIndex, cause }: Pick<StartManyError, 'inDoubt' | 'nextIndex'> & { cause: unknown },
  ) {
    const doubt = inDoubt.length > 0 ? `, ${inDoubt.length} are in doubt (see inDoubt)` : '';
    super(
      `startMany of task "${taskName}" ended early (${cause instanceof Error ? cause.message : String(cause)}): ` +
        `${report.started} are started, ${report.refusedCount} were refused${doubt}. ` +
        `No input from index ${nextIndex} on was started: give startMany those again.`,
      { cause },
    );
    this.inDoubt = inDoubt;
    this.nextIndex = nextIndex;
  }
}

/** What became of the tasks that `stopMany`, `restartMany` or `removeMany` looked at. */
export interface BulkControlReport {
  readonly looked: number;
  /** Each is counted in one of the four below once it is known what became of it. */
  readonly matched: number;
  /** As the call for one task replies. */
  readonly done: number;
  readonly requested: number;
  readonly unchanged: number;
  readonly missing: number;
}

/**
 * `stopMany`, `restartMany` or `removeMany` ended before all tasks were looked at; `cause` says why: the store does not answer,
 * `onProgress` threw, the signal was aborted (then it is the reason), or the app closes.
 */
export class BulkControlError extends TaskwardenError {
  readonly code = 'BULK_CONTROL_ENDED_EARLY';

  constructor(
    call: string,
    readonly report: BulkControlReport,
    { cause }: { cause: unknown },
  ) {
    const counts = Object.entries(report).map(([name, count]) => `${name} ${count}`);
    super(
      `${call} ended early (${cause instanceof Error ? cause.message : String(cause)}): ${counts.join(', ')}. ` +
        'Call it again with the same filter: what is done is not done twice.',
      { cause },
    );
  }
}

import type { ControlIntent } from '../task/control';
import type { RunTrace } from '../task/run-trace';
import type { EndState } from '../task/state';
import type { LanedTask, TakeLimits } from './limits';
import type { NewTask } from './producer-store';

/** A run's right to write. The store refuses writes under a token that is no longer the task's. */
export interface Lease {
  readonly id: string;
  /** Never used for another run of the task, not even when its hash is deleted and made anew. */
  readonly token: string;
  /** False keeps the ended task in the active set for good; read once, when the run begins. */
  readonly cleanup: boolean;
  readonly local: boolean;
  /** From which it was taken, and where it goes back to; absent: the default one. */
  readonly queue?: string | undefined;
  /** The name under whose limits it holds a place, until the run is over; absent: none. */
  readonly limited?: string | undefined;
  /** The mark of that place, where the store has given it one: the next run of the task holds a place of its own. */
  readonly place?: string | undefined;
}

/** A task as it was when its run began. */
export interface OpenedRun {
  readonly kind: 'run';
  readonly lease: Lease;
  /** Absent where the hash has no `task` field. */
  readonly name: string | undefined;
  readonly data: string | undefined;
  readonly attempt: number;
  /** How many runs have failed and were retried. */
  readonly failures: number;
  /** How long until the deadline of the task, in milliseconds, negative once it is over; undefined: it has none. */
  readonly leftMs?: number | undefined;
  /** undefined: nobody has traced its start, nor a run before this one. */
  readonly trace?: RunTrace | undefined;
  /**
   * How long the task has waited, in milliseconds by the clock of the store, where that was asked for: since it might be taken, or since the last sign of
   * life of a run that was cut short. Undefined where it was in no queue, or its producer wrote no time.
   */
  readonly waitedMs?: number | undefined;
  /** An intent stored before the run began: act on it first. */
  readonly control: ControlIntent | undefined;
  /** No worker knew the name within the time given: end the run as EXCEPTION. */
  readonly unknownForTooLong: boolean;
}

/** What became of a taken id that was to be opened. */
export type Opened =
  | OpenedRun
  /** At its class's concurrency: still in this worker's inbox, not begun. */
  | { readonly kind: 'held'; readonly name: string }
  /** Not known here: it goes back into the queue after a delay, for other workers. */
  | { readonly kind: 'handed-back'; readonly name: string }
  /** The place in the queue had no effect: the task runs already, or was stopped or removed while it waited. */
  | { readonly kind: 'used-up' }
  /** It stands under limits, and holds no place under them: still in this worker's inbox, to be parked. */
  | {
      readonly kind: 'limited';
      readonly name: string;
      readonly data: string | undefined;
      readonly createdMs: number | undefined;
      readonly priority: number;
    }
  /** There is nothing to run: no hash, or a key of another type. */
  | { readonly kind: 'dropped'; readonly why: 'no hash' | 'key of another type' }
  /** This worker was silent for so long that others may have the id by now. */
  | { readonly kind: 'lapsed' };

/** More ids than this no take brings, whatever its limit. */
export const MOST_TAKEN = 1_000;

export interface TakeRequest {
  readonly worker: string;
  /** Absent: the default one. */
  readonly queue?: string | undefined;
  /** At most so many ids, and `MOST_TAKEN`; 0 only tells that the worker is alive. */
  readonly limit: number;
  /** How long to wait for a first id; 0 looks once. */
  readonly waitMs: number;
  /** How long the worker may be silent before its taken ids are given to others. */
  readonly keepMs: number;
  /** Absent: there are none. */
  readonly limits?: TakeLimits | undefined;
}

export interface Taken {
  readonly ids: readonly string[];
  /** The worker had been silent for too long: what it holds from earlier takes of the queue is no longer its own. */
  readonly lapsed: boolean;
  /** In how many milliseconds there is more to take, where that is known. */
  readonly msUntilMore?: number | undefined;
}

export interface OpenRequest {
  readonly worker: string;
  /** From which they were taken; absent: the default one. */
  readonly queue?: string | undefined;
  /** Taken ids, each named once. */
  readonly ids: readonly string[];
  /** Those of them that this worker runs, as far as it knows: they are begun anew only if the store knows better. */
  readonly runHere: ReadonlySet<string>;
  /** Names this worker runs -> how many more runs of it may begin (Infinity for no bound). */
  readonly slots: ReadonlyMap<string, number>;
  /** Names that stand under limits: only those runs begin that hold a place. */
  readonly limited?: ReadonlySet<string>;
  /** Of the ids, those to begin all the same. */
  readonly exempt?: ReadonlySet<string>;
  /** A running task whose last sign of life is older than this may be taken over. */
  readonly leaseMs: number;
  /** How long other workers get the chance to take an unknown name; 0 opens it at once, to end it. */
  readonly unknownTaskTimeoutMs: number;
  /** Each run is to tell how long its task has waited, which costs a little. Default false. */
  readonly timed?: boolean;
}

/** The end of a run. */
export interface Outcome {
  readonly state: EndState;
  /** JSON for SUCCESS, plain text for the others. */
  readonly output: string;
  /** The event's text, see `encodeEvent`; that of a success carries the output. */
  readonly event: string;
}

/** So many of the last errors of a task that is retried are kept. */
export const MOST_ERRORS = 5;

/** The end of a run that failed, and is to be followed by another one. */
export interface Retry {
  readonly delayMs: number;
  /** Why it failed; the last `MOST_ERRORS` are kept. */
  readonly error: string;
  /** The text of the event `retry`. */
  readonly event: string;
  /** The context of the run, for the next one to link to; absent: it is not traced. */
  readonly trace?: string | undefined;
}

export type ParkReply = 'parked' | 'admitted' | 'gone';

/** An answer to a heartbeat: the lease is another's, or it was extended and an intent may be waiting. */
export type Beat = { readonly lost: true } | { readonly lost: false; readonly control: ControlIntent | undefined };

export type RequeueReply = 'requeued' | 'stopped' | 'removed' | 'lost';

/**
 * What a worker asks of a store. Every write of a run carries its lease; false (or `lost`) says that it was refused.
 * All methods throw `StoreUnavailableError` when the store does not answer; each may then be called again.
 */
export interface WorkerStore {
  /**
   * Moves ids from a queue into the worker's inbox, by priority and the oldest first, and ids that an earlier call lost on the way.
   * @param signal Ends the wait early, with what there is.
   */
  take(request: TakeRequest, signal?: AbortSignal): Promise<Taken>;

  /**
   * Puts taken ids that were not begun back to the head of their queue, the first of them to be taken next. Those that are not in
   * the worker's inbox any more are passed over; after a failure the next take finds them.
   */
  putBack(worker: string, ids: readonly string[], queue?: string): Promise<void>;

  /**
   * Puts taken ids into lanes, where they wait for a place under the limits of their name.
   * @returns `admitted` for one that holds a place: it is to be opened anew. `gone`: others may have it.
   */
  park(worker: string, tasks: readonly LanedTask[], queue?: string): Promise<ParkReply[]>;

  /** Begins the runs of taken ids: state, lease, event `start`. What is lost on the way is found by the next take. */
  open(request: OpenRequest): Promise<Opened[]>;

  /** Writes a local task and begins its run; it was in no queue. */
  openLocal(worker: string, task: NewTask, leaseMs: number): Promise<OpenedRun>;

  /** Begins the next run of a task under a new lease, in place of the one given; publishes `reload`. */
  reopen(worker: string, lease: Lease, leaseMs: number): Promise<OpenedRun | undefined>;

  /** Extends the leases; the answers are in the order of the leases. */
  heartbeat(leases: readonly Lease[], leaseMs: number): Promise<Beat[]>;

  /** Publishes an event's text; with `progress`, JSON text, stores it too. */
  emit(lease: Lease, event: string, progress?: string): Promise<boolean>;

  /**
   * Appends a line to the log of the task, which keeps the last `most`. What a call of this run sends later comes after it. Nobody
   * need wait: lines of one moment may share a promise.
   */
  appendLog(lease: Lease, line: string, most: number): Promise<boolean>;

  /** Publishes why a reload was refused, and takes the intent back. */
  rejectReload(lease: Lease, event: string): Promise<boolean>;

  /** Writes the end of a run, publishes its event, then moves the id from the active set to the end queue. */
  finish(lease: Lease, outcome: Outcome): Promise<boolean>;

  /** The run has failed: state WAIT, and back at the head of the queue after a delay; intents are honoured as by `requeue`. */
  retry(lease: Lease, retry: Retry): Promise<RequeueReply>;

  /** The run was stopped: state STOPPED and event `stop`; or nothing is left of the task if it was to be removed. */
  settleStop(lease: Lease): Promise<'stopped' | 'removed' | 'lost'>;

  /**
   * Gives runs back: state WAIT and to the head of the queue; stops and removals asked for by now are honoured.
   * @param traces Id -> the context of the run, for the next one to link to; of runs that are traced.
   */
  requeue(leases: readonly Lease[], traces?: ReadonlyMap<string, string>): Promise<RequeueReply[]>;

  /** Deletes a local task. */
  discardLocal(lease: Lease): Promise<boolean>;

  /** The worker takes no more: what is in its inbox goes back to the head of the queue. */
  leave(worker: string): Promise<void>;
}

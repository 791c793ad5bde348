/** What one pass of the monitor mended, by id. */
export interface ReapReport {
  /** Back in the queue: their worker had died. */
  readonly requeued: readonly string[];
  /** Deleted: local tasks of a dead worker, and tasks whose removal it had not finished. */
  readonly removed: readonly string[];
  /** Stopped: asked for before their worker died. */
  readonly stopped: readonly string[];
  /** Ended as EXCEPTION: too many workers in a row died while they ran it. */
  readonly crashed: readonly string[];
  /** Moved to the end queue: they had ended, and their worker died before saying so. */
  readonly settled: readonly string[];
  /** Given back by the inbox of a dead worker. */
  readonly returned: readonly string[];
}

export interface OrphanReport {
  /** By id; some may be on their way. */
  readonly found: ReadonlySet<string>;
  readonly adopted: readonly string[];
}

/** A report that is still being written. */
export type OpenReport = { -readonly [Part in keyof ReapReport]: string[] };

export function emptyReport(): OpenReport {
  return { requeued: [], removed: [], stopped: [], crashed: [], settled: [], returned: [] };
}

/** How long ended tasks are kept, in milliseconds; 0 deletes them now, Infinity keeps them for good. */
export interface Retention {
  readonly successMs: number;
  /** Of ERROR and EXCEPTION. */
  readonly failureMs: number;
}

/** What one worker at a time does for all. */
export type Duty = 'monitor' | 'orphans' | 'scheduler';

/** What the supervision tasks ask of a store. Any number of processes may call these at once. */
export interface SupervisorStore {
  /**
   * Asks to be the one that does a duty next.
   * @param leaseMs For how long nobody else may.
   * @returns 0 if this worker is elected, else in how many milliseconds it may ask again.
   */
  elect(duty: Duty, worker: string, leaseMs: number): Promise<number>;

  /**
   * One pass over everything that dead workers left half done; reads the lapsed, not the living.
   * @param leaseMs Tasks whose last sign of life is older than this have lost their worker.
   * @param maxCrashes So many workers in a row may die of a task before it ends; default: any number. A run that went on
   * for ten leases begins the row anew.
   * @param counts False where the store itself was away: nobody need have died. Default true.
   */
  reap(leaseMs: number, maxCrashes?: number, counts?: boolean): Promise<ReapReport>;

  /**
   * Reads everything, and finds tasks that stand where nobody looks: a hash without its push, an end without its clean-up, a
   * run that no index knows. Of these it mends the ones it is told.
   * @param before What an earlier call found, long enough ago that no call of then is under way any more.
   */
  adoptOrphans(before: ReadonlySet<string>): Promise<OrphanReport>;

  /**
   * Moves ended ids into the worker's inbox, the oldest first. One may be there twice, and any may be gone or run again.
   * @param keepMs How long the worker may be silent before others get these ids.
   */
  takeEnded(worker: string, limit: number, keepMs: number): Promise<readonly string[]>;

  /** Applies the retention to those that have ended still, and gives up the places in the inbox of all. */
  settleEnded(worker: string, ids: readonly string[], retention: Retention): Promise<void>;

  /** The worker takes no more: what is in its inbox goes back to the head of the end queue. */
  leaveEnded(worker: string): Promise<void>;
}

/** So many starts a time, spread evenly; as many at once after a pause. */
export interface Rate {
  readonly max: number;
  readonly perMs: number;
}

export interface Limit {
  /** Runs at a time in the whole cluster; Infinity: any number. */
  readonly concurrency: number;
  /** Undefined: no bound. */
  readonly rate: Rate | undefined;
}

export const NO_LIMIT: Limit = { concurrency: Number.POSITIVE_INFINITY, rate: undefined };

/** The limits that tasks of one name stand under; those with the same key wait in one lane, and lanes take turns. */
export interface TaskLimits {
  /** Of all of them. */
  readonly total: Limit;
  /** Of each lane. */
  readonly perKey: Limit;
}

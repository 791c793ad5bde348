import type { TaskKeys } from '../task/keys';
import type { TaskState } from '../task/state';

/** Where an id can stand; an inbox is named with its worker, and what belongs to a named queue with that, as `delayed@mail`. */
export type Place =
  | `${'new-queue' | 'prioritized' | 'delayed' | 'lane'}${'' | `@${string}`}`
  /** Decided by a schedule, and not made: a scheduler has its task written and pushed. */
  | 'firing'
  | `inbox${'' | `@${string}`}:${string}`
  | 'end-queue'
  | `end-inbox:${string}`
  | 'active'
  | 'leases';

/**
 * `error`: nobody mends it but an orphan scan; `recoverable`: a monitor, worker or cleanup does, in passing; `harmless`:
 * it does no harm.
 */
export type PlaceSeverity = 'error' | 'recoverable' | 'harmless';

export type PlaceProblem =
  | 'lost'
  | 'push-owed'
  | 'doubled'
  | 'skip-without-place'
  | 'not-active'
  | 'lease-missing'
  | 'lease-left'
  | 'overdue'
  | 'unsettled'
  | 'ended-twice'
  | 'left-active'
  | 'in-end-queue'
  | 'unregistered-inbox'
  | 'inbox-overdue'
  | 'no-hash'
  | 'update-remainder'
  | 'other-type';

/** What is wrong with the places of one id. */
export interface Problem {
  readonly problem: PlaceProblem;
  readonly severity: PlaceSeverity;
  /** What is wrong, and who mends it or how. */
  readonly message: string;
}

/** What the key of an id holds, as far as the rules ask. */
export type KeyFacts =
  | {
      readonly kind: 'task';
      readonly state: TaskState;
      /** `cleanup` is `false`: it stays in the active set when it has ended. */
      readonly stays: boolean;
      /** It names a lease: a run of ours, not of pytask, was the last or is the present one. */
      readonly leased: boolean;
      /** Places in the queue that are to have no effect. */
      readonly skip: number;
      /** A push into the queue is noted in the hash, and may still have to be done. */
      readonly owesPush: boolean;
      /** Cleaned up, and to stay for good. */
      readonly kept: boolean;
      readonly expires: boolean;
      /** The queue it belongs to; absent: the default one. */
      readonly queue?: string;
    }
  /** A removed task whose places are not used up yet. */
  | { readonly kind: 'removed'; readonly skip: number }
  /** `last_update` alone: pytask's update loop wrote into a hash that was deleted. */
  | { readonly kind: 'update-remainder' }
  | { readonly kind: 'other-type' };

export interface IdFacts {
  readonly id: string;
  /** Undefined where there is no key. */
  readonly key: KeyFacts | undefined;
  /** One entry for each time the id stands there. */
  readonly places: readonly Place[];
}

/** What the rules have to know beside the facts of an id; all times in epoch milliseconds of Redis. */
export interface PlacesView {
  readonly keys: TaskKeys;
  readonly nowMs: number;
  /** How long after its time a lapsed lease or a dead worker's inbox may wait for the monitor. */
  readonly overdueMs: number;
  readonly leaseEndsMs: ReadonlyMap<string, number>;
  /** Inboxes whose worker is registered. */
  readonly inboxEndsMs: ReadonlyMap<Place, number>;
}

/** A problem of an id, and what was seen of it. */
export interface Finding extends Problem {
  readonly id: string;
  /** Undefined where there is no task of this id. */
  readonly state: TaskState | undefined;
  readonly places: readonly Place[];
}

export interface PlacesReport {
  /** How many ids were looked at. */
  readonly ids: number;
  /** Not all of them where there are more than 1,000. */
  readonly findings: readonly Finding[];
  /** How many more there are of each problem, where there are any. */
  readonly untold?: Readonly<Partial<Record<PlaceProblem, number>>>;
}

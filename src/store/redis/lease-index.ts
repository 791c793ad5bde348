import type { TaskKeys } from '../../task/keys';
import { chunks } from './chunks';
import type { RedisConnection } from './redis-connection';
import { activate } from './scripts/activate';
import { deactivate } from './scripts/deactivate';

/** An id whose run is over. */
export interface Leaving {
  readonly id: string;
  /** It stays in the active set, as stopped tasks and those that are kept for good do. */
  readonly stays: boolean;
  /**
   * When the lease of that run lapses at the latest, in epoch milliseconds of Redis; 0: it has lapsed, or there is none; less: in so many
   * milliseconds from now, its sign turned.
   */
  readonly latestMs: number;
}

/** The active set and the index of leases beside it: where the monitor looks. */
export class LeaseIndex {
  private longest = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {}

  /** The longest that was entered: no lease of this process lapses later than so long after its run ended. */
  get longestLeaseMs(): number {
    return this.longest;
  }

  /** Both keys, for scripts that change them beside the hashes. */
  get both() {
    return { active: this.keys.taskSet, leases: this.keys.leases };
  }

  /** Ids are about to be entered; their leases lapse after `leaseMs`. */
  willEnter(leaseMs: number): void {
    this.longest = Math.max(this.longest, leaseMs);
  }

  /** Puts ids into both; their leases lapse after `leaseMs`. */
  async enter(ids: readonly string[], leaseMs: number): Promise<void> {
    this.willEnter(leaseMs);
    await Promise.all(chunks(ids).map((some) => activate.run(this.redis, this.both, { leaseMs }, some)));
  }

  /** Puts the ids of runs that were found into both; their leases lapse at a time of their own, in epoch milliseconds. */
  async enterFound(runs: readonly { readonly id: string; readonly lapsesMs: number }[]): Promise<void> {
    if (runs.length === 0) return;
    await this.redis.call((client) => client.sadd(this.keys.taskSet, ...runs.map(({ id }) => id)));
    const scored = runs.flatMap(({ id, lapsesMs }) => [lapsesMs, id]);
    await this.redis.call((client) => client.zadd(this.keys.leases, ...scored));
  }

  /** Takes ids out of both, unless a newer run of theirs is in there by now. */
  async leave(ids: readonly Leaving[]): Promise<void> {
    await Promise.all(
      chunks(ids).map((some) => {
        const rest = some.flatMap(({ id, stays, latestMs }) => [id, stays ? 1 : 0, latestMs]);
        return deactivate.run(this.redis, this.both, {}, rest);
      }),
    );
  }
}

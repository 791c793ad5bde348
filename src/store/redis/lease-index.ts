import type { TaskKeys } from '../../task/keys';
import { chunks } from './chunks';
import type { RedisConnection } from './redis-connection';
import { activate } from './scripts/activate';

/** The active set and the index of leases, as one worker fills them. */
export class LeaseIndex {
  private longest = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {}

  /** The longest that was asked for: no lease of this worker lapses later than so long after its run ended. */
  get longestLeaseMs(): number {
    return this.longest;
  }

  /** Puts ids that run into both. */
  async enter(ids: readonly string[], leaseMs: number): Promise<void> {
    this.longest = Math.max(this.longest, leaseMs);
    const index = { active: this.keys.taskSet, leases: this.keys.leases };
    await Promise.all(chunks(ids).map((some) => activate.run(this.redis, index, { leaseMs }, some)));
  }
}

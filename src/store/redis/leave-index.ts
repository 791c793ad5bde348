import type { TaskKeys } from '../../task/keys';
import { chunks } from './chunks';
import type { RedisConnection } from './redis-connection';
import { deactivate } from './scripts/deactivate';

/** An id whose run is over. */
export interface Leaving {
  readonly id: string;
  /** It stays in the active set, as stopped tasks and those that are kept for good do. */
  readonly stays: boolean;
  /** When the lease of that run lapses at the latest, in epoch milliseconds of Redis; 0: it has lapsed, or there is none. */
  readonly latestMs: number;
}

/** Takes ids out of the active set and the index of leases, unless a newer run of theirs is in there by now. */
export async function leaveIndex(redis: RedisConnection, keys: TaskKeys, ids: readonly Leaving[]): Promise<void> {
  if (ids.length === 0) return;
  const index = { active: keys.taskSet, leases: keys.leases };
  await Promise.all(
    chunks(ids).map((some) => {
      const rest = some.flatMap(({ id, stays, latestMs }) => [id, stays ? 1 : 0, latestMs]);
      return deactivate.run(redis, index, {}, rest);
    }),
  );
}

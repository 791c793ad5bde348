import type { TaskKeys } from '../../task/keys';
import type { Lease, Outcome } from '../worker-store';
import { chunks } from './chunks';
import { removeLogs } from './ended-logs';
import type { LeaseIndex } from './lease-index';
import type { RedisClaims } from './redis-claims';
import type { RedisConnection } from './redis-connection';
import type { RedisTaskLogs } from './redis-task-logs';
import { finish, finishAndSettle } from './scripts/finish';
import { pushEnds } from './scripts/push-ends';

export interface End {
  readonly lease: Lease;
  readonly outcome: Outcome;
}

/** Writes the ends of runs, and settles what they held. */
export class RedisEnds {
  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly claims: RedisClaims,
    private readonly index: LeaseIndex,
    private readonly logs: RedisTaskLogs,
  ) {}

  /** At most as many as one call takes. @returns For each whether its lease still held. */
  async write(ends: readonly End[]): Promise<boolean[]> {
    const rows = ends.map(({ lease, outcome: { state, output, event } }) => {
      // The event of a success carries the output: it need not travel twice.
      const told = state === 'SUCCESS' ? '' : event;
      return {
        key: this.keys.task(lease.id),
        token: lease.token,
        state,
        output,
        event: told,
        kept: lease.cleanup ? 0 : 1,
      };
    });
    const logged = this.logs.flush();
    if (logged) await logged;
    if (this.redis.isCluster) return this.writeInSteps(ends, rows);
    const { idStart, endQueue } = this.keys;
    // One call, as a batch has no more than that takes: the places must travel once.
    const replies = await this.claims.end((inbox, places) =>
      finishAndSettle.run(this.redis, rows, { idStart }, places, { ...this.index.both, ...inbox, endQueue }),
    );
    await this.freePlaces(ends, replies);
    await this.removeLogs(ends, (position) => replies[position] === 2);
    return replies.map((reply) => reply !== 0);
  }

  private async writeInSteps(ends: readonly End[], rows: Parameters<typeof finish.run>[1]): Promise<boolean[]> {
    // An end that is seen before its place is given up would be run again, should this worker die in between.
    await this.claims.settle();
    const replies = await finish.run(this.redis, rows, {});
    const settled = ends.flatMap(({ lease }, position) => {
      return lease.cleanup && (replies[position] as number) > 0 ? [lease.id] : [];
    });
    const over = ends.flatMap(({ lease }, position) => {
      const endedMs = replies[position] as number;
      if (endedMs === 0) return [];
      const stays = endedMs > 0 && !lease.cleanup;
      return [{ id: lease.id, stays, latestMs: Math.abs(endedMs) + this.index.longestLeaseMs }];
    });
    // As pytask: into the end queue before out of the active set.
    await Promise.all(chunks(settled).map((ids) => pushEnds.run(this.redis, { queue: this.keys.endQueue }, {}, ids)));
    await this.index.leave(over);
    await this.freePlaces(ends, replies);
    await this.removeLogs(ends, (position) => (replies[position] as number) < 0);
    return replies.map((reply) => reply !== 0);
  }

  private async removeLogs(ends: readonly End[], isRemoved: (position: number) => boolean): Promise<void> {
    const removed = ends.filter((_, position) => isRemoved(position)).map(({ lease }) => lease.id);
    if (removed.length > 0) await removeLogs(this.redis, this.keys, removed);
  }

  /** Of runs whose end is written; an end whose place was not freed is called again, and then it is. */
  private async freePlaces(ends: readonly End[], replies: readonly number[]): Promise<void> {
    const isOver = ({ lease }: End, position: number) => lease.limited !== undefined && replies[position] !== 0;
    const over = ends.filter(isOver);
    if (over.length > 0) await this.claims.free(over.map(({ lease }) => lease));
  }
}

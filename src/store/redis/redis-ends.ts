import type { TaskKeys } from '../../task/keys';
import type { Lease, Outcome } from '../worker-store';
import { chunks } from './chunks';
import type { LeaseIndex } from './lease-index';
import type { RedisClaims } from './redis-claims';
import type { RedisConnection } from './redis-connection';
import type { RedisTaskLogs } from './redis-task-logs';
import { type FinishReply, finish, finishAndSettle } from './scripts/finish';
import { pushEnds } from './scripts/push-ends';
import { dropLogs } from './settle-beside';

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
    if (ends.some(holdsPlace)) await this.freePlaces(ends, (position) => replies[position] !== 0);
    if (replies.includes(3)) await this.dropLogs(ends, (position) => replies[position] === 3);
    return replies.map((reply) => reply !== 0);
  }

  private async writeInSteps(ends: readonly End[], rows: Parameters<typeof finish.run>[1]): Promise<boolean[]> {
    // An end that is seen before its place is given up would be run again, should this worker die in between.
    await this.claims.settle();
    const replies = await finish.run(this.redis, rows, {});
    const endedMs = replies.map(endedMsOf);
    const settled = ends.flatMap(({ lease }, position) => {
      return lease.cleanup && (endedMs[position] as number) > 0 ? [lease.id] : [];
    });
    const over = ends.flatMap(({ lease }, position) => {
      const atMs = endedMs[position] as number;
      if (atMs === 0) return [];
      const stays = atMs > 0 && !lease.cleanup;
      return [{ id: lease.id, stays, latestMs: Math.abs(atMs) + this.index.longestLeaseMs }];
    });
    // As pytask: into the end queue before out of the active set.
    await Promise.all(chunks(settled).map((ids) => pushEnds.run(this.redis, { queue: this.keys.endQueue }, {}, ids)));
    await this.index.leave(over);
    if (ends.some(holdsPlace)) await this.freePlaces(ends, (position) => endedMs[position] !== 0);
    if (replies.some(Array.isArray)) await this.dropLogs(ends, (position) => Array.isArray(replies[position]));
    return endedMs.map((atMs) => atMs !== 0);
  }

  private dropLogs(ends: readonly End[], isLogged: (position: number) => boolean): Promise<void> {
    const logged = ends.filter((_, position) => isLogged(position)).map(({ lease }) => lease.id);
    return dropLogs(this.redis, this.keys, logged);
  }

  /** Of runs whose end is written; an end whose place was not freed is called again, and then it is. */
  private async freePlaces(ends: readonly End[], isOver: (position: number) => boolean): Promise<void> {
    const over = ends.filter((end, position) => holdsPlace(end) && isOver(position));
    if (over.length > 0) await this.claims.free(over.map(({ lease }) => lease));
  }
}

/** Under a limit. */
function holdsPlace({ lease }: End): boolean {
  return lease.limited !== undefined;
}

function endedMsOf(reply: FinishReply): number {
  return Array.isArray(reply) ? reply[0] : reply;
}

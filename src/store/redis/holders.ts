import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';
import { type HeldPlace, RedisLanes } from './redis-lanes';
import { redisNowMs } from './redis-now-ms';
import { LANE_LENGTH } from './scripts/lanes';

/** So many holders are looked at in a step. */
const HOLDERS_A_STEP = 500;
/** What was put back is near the head of the queue. */
const LONGEST_SEARCH = 10_000;

/** Frees places under limits whose run is over, though nobody has said so: its worker died in between, or is silent. */
export class Holders {
  private readonly lanes: RedisLanes;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {
    this.lanes = new RedisLanes(redis, keys);
  }

  /** Looks at those that nobody has looked at for `leaseMs`. */
  async reap(queueName: string, leaseMs: number): Promise<void> {
    const queue = this.keys.queue(queueName);
    for (const name of await this.redis.call((client) => client.smembers(this.keys.laned(queue)))) {
      const { holders } = this.keys.lanes(queue, name);
      const before = (await redisNowMs(this.redis)) - leaseMs;
      for (;;) {
        const ids = await this.redis.call((client) =>
          client.zrangebyscore(holders, '-inf', before, 'LIMIT', 0, HOLDERS_A_STEP),
        );
        if (ids.length === 0) break;
        const over = await this.overOf(queue, name, ids);
        // Those that hold theirs rightly are looked at again once as much time has passed.
        const gone = new Set(over.map(({ id }) => id));
        const stay = ids.filter((id) => !gone.has(id)).flatMap((id) => [before + leaseMs, id]);
        if (stay.length > 0) await this.redis.call((client) => client.zadd(holders, 'XX', ...stay));
        await this.lanes.free(queueName, name, over);
      }
    }
  }

  /** Those that neither run nor are in a worker's hands. */
  private async overOf(queue: string, name: string, all: readonly string[]): Promise<HeldPlace[]> {
    // First, so that a run which begins meanwhile keeps its place: that has another mark.
    const { counts } = this.keys.lanes(queue, name);
    const held = await this.redis.call((client) => client.hmget(counts, ...all.map((id) => `id:${id}`)));
    const marks = new Map(all.map((id, position) => [id, (held[position] ?? '').slice(LANE_LENGTH)]));
    const running = await this.running(all);
    const ids = all.filter((id) => !running.has(id));
    if (ids.length === 0) return [];
    // In the direction in which ids move, so that none is missed: the queue, where what a dead worker had taken waits for the next with
    // its place, the inboxes, the runs.
    const queued = await this.redis.call((client) =>
      Promise.all(ids.map((id) => client.lpos(queue, id, 'RANK', -1, 'MAXLEN', LONGEST_SEARCH))),
    );
    const taken = new Set<string>();
    for (const worker of await this.redis.call((client) => client.zrange(this.keys.workers(queue), '0', '-1'))) {
      const inbox = this.keys.inbox(queue, worker);
      for (const id of await this.redis.call((client) => client.lrange(inbox, 0, -1))) taken.add(id);
    }
    const begun = await this.running(ids);
    const over = ids.filter((id, position) => queued[position] === null && !taken.has(id) && !begun.has(id));
    return over.map((id) => ({ id, place: marks.get(id) ?? '' }));
  }

  private async running(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const states = await this.redis.call((client) =>
      Promise.all(ids.map((id) => client.hget(this.keys.task(id), 'state'))),
    );
    return new Set(ids.filter((_, position) => states[position] === 'RUNNING'));
  }
}

import type { TaskKeys } from '../../task/keys';
import type { DrainStep, QueueStore } from '../queue-store';
import { forgetUsed } from './give-back-taken';
import { LeaseIndex } from './lease-index';
import { QueueNames } from './queue-names';
import type { RedisConnection } from './redis-connection';
import { RedisLanes } from './redis-lanes';
import { LARGEST_BATCH } from './script';
import { discard } from './scripts/discard';
import { reapInbox } from './scripts/reap-inbox';
import { release } from './scripts/release';
import { takeAll } from './scripts/take-all';
import { settleBeside } from './settle-beside';

/** What is in hand for so long is given back to the queue by the monitor. */
const KEEP_MS = 60_000;

export class RedisQueueStore implements QueueStore {
  private readonly names: QueueNames;
  private readonly index: LeaseIndex;
  private readonly lanes: RedisLanes;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {
    this.names = new QueueNames(redis, keys);
    this.index = new LeaseIndex(redis, keys);
    this.lanes = new RedisLanes(redis, keys);
  }

  async pauseQueue(name: string): Promise<void> {
    await this.names.note(name);
    const queue = this.keys.queue(name);
    await this.redis.call((client) => client.set(this.keys.paused(queue), 1));
    // Ends waits that would move what is pushed from now on.
    await this.redis.call((client) => client.publish(this.keys.wake(queue), ''));
  }

  async resumeQueue(name: string): Promise<void> {
    const queue = this.keys.queue(name);
    await this.redis.call((client) => client.del(this.keys.paused(queue)));
    await this.redis.call((client) => client.publish(this.keys.wake(queue), ''));
  }

  /** In the way of a worker that takes tasks, and throws them away: dead in the middle, it loses none. */
  async drainQueue(name: string, worker: string, delayed: boolean): Promise<DrainStep> {
    const { redis, keys } = this;
    await this.names.note(name);
    const queue = keys.queue(name);
    const inbox = keys.inbox(queue, worker);
    const places = {
      queue,
      inbox,
      workers: keys.workers(queue),
      prioritized: keys.prioritized(queue),
      delayed: keys.delayed(queue),
      levels: keys.levels(queue),
    };
    const args = { worker, limit: LARGEST_BATCH, keepMs: KEEP_MS, withDelayed: delayed ? 1 : 0 };
    const queued = await takeAll.run(redis, places, args);
    const laned =
      queued.length < LARGEST_BATCH ? await this.lanes.unpark(name, inbox, LARGEST_BATCH - queued.length) : [];
    const ids = [...queued, ...laned];
    const removed = await this.discard(ids, { worker, queue });
    if (ids.length === 0) await reapInbox.run(redis, { queue, inbox, workers: places.workers }, { worker, leaves: 1 });
    return { removed, more: ids.length > 0 };
  }

  private async discard(
    ids: readonly string[],
    holder: { readonly worker: string; readonly queue: string },
  ): Promise<number> {
    if (ids.length === 0) return 0;
    const { redis, keys } = this;
    const { worker, queue } = holder;
    const counts = new Map<string, number>();
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    const rows = [...counts].map(([id, places]) => ({ key: keys.task(id), places }));
    const replies = await discard.run(redis, rows, { worker, queueField: keys.queueField(queue) });
    const gone = [...counts.keys()].filter((_, position) => replies[position] !== 0);
    await this.index.leave(gone.map((id) => ({ id, stays: false, latestMs: 0 })));
    await settleBeside(redis, keys, [...counts.keys()], replies);
    const hand = { inbox: keys.inbox(queue, worker), delayed: keys.delayed(queue) };
    await release.run(
      redis,
      hand,
      {},
      ids.flatMap((id) => [id, -1]),
    );
    await forgetUsed(redis, keys, holder, [...counts.keys()]);
    return gone.length;
  }
}

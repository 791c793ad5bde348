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
    const rows = ids.map((id) => ({ key: keys.task(id) }));
    const replies = await discard.run(redis, rows, { worker });
    const gone = ids.filter((_, position) => replies[position] === 1);
    await this.index.leave(gone.map((id) => ({ id, stays: false, latestMs: 0 })));
    const given = ids.flatMap((id) => [id, -1]);
    if (ids.length > 0) await release.run(redis, { inbox, delayed: keys.delayed(queue) }, {}, given);
    await forgetUsed(redis, keys, worker, ids);
    if (ids.length === 0) await reapInbox.run(redis, { queue, inbox, workers: places.workers }, { worker, leaves: 1 });
    return { removed: gone.length, more: ids.length > 0 };
  }
}

import type { TaskKeys } from '../../task/keys';
import { DEFAULT_QUEUE } from '../../task/queue-name';
import type { RedisConnection } from './redis-connection';

/** A Redis that has lost the names gets them again after so long. */
const NOTE_AGAIN_MS = 10_000;

/** Which queues there are: whoever puts into or takes from a named one notes its name, for the monitor and for lists. */
export class QueueNames {
  private readonly notedMs = new Map<string, number>();

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {}

  async note(queue: string = DEFAULT_QUEUE): Promise<void> {
    if (queue === DEFAULT_QUEUE) return;
    const nowMs = this.redis.clock.monotonicMs();
    if (nowMs < (this.notedMs.get(queue) ?? Number.NEGATIVE_INFINITY) + NOTE_AGAIN_MS) return;
    await this.redis.call((client) => client.sadd(this.keys.queues, queue));
    this.notedMs.set(queue, nowMs);
  }

  /** All that are known, the default one first. */
  async list(): Promise<string[]> {
    const names = await this.redis.call((client) => client.smembers(this.keys.queues));
    return [DEFAULT_QUEUE, ...names.sort()];
  }
}

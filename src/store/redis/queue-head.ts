import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';

/** So often the head of a queue is looked at, while others wait there by their priority. */
const LOOK_AGAIN_MS = 1_000;

/** Since when the head of a queue's list waits: a list tells no times, and its tasks have slots of their own. */
export class QueueHead {
  private id: string | null = null;
  private since: number | undefined;
  private lookedMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly queue: string,
  ) {}

  /** In epoch milliseconds of Redis; undefined where nobody has looked, or the list is empty. */
  get sinceMs(): number | undefined {
    return this.since;
  }

  /** @param nowMs By the clock of Redis: since then waits one whose producer wrote no time, and that was not seen before. */
  async look(nowMs: number): Promise<void> {
    const lookedMs = this.redis.clock.monotonicMs();
    if (lookedMs < this.lookedMs + LOOK_AGAIN_MS) return;
    this.lookedMs = lookedMs;
    try {
      const id = await this.redis.call((client) => client.lindex(this.queue, -1));
      const since = id === null ? undefined : await this.readSince(id);
      if (id === null || since !== undefined) this.since = since;
      else if (id !== this.id) this.since = nowMs;
      this.id = id;
    } catch {
      // What was taken is in hand: only the order is a little off until the next look.
    }
  }

  private async readSince(id: string): Promise<number | undefined> {
    const times = await this.redis.call((client) => client.hmget(this.keys.task(id), 'created', 'due', 'restarted'));
    const known = times.filter((time) => time !== null).map(Number);
    return known.length > 0 ? Math.max(...known) : undefined;
  }

  forget(): void {
    this.id = null;
    this.since = undefined;
  }
}

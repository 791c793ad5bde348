import { Redis } from 'ioredis';
import type { TaskKeys } from '../../src/task/keys';

const ENDED = new Set(['SUCCESS', 'ERROR', 'EXCEPTION', 'STOPPED']);
const END_EVENT = /"event":\s*"(success|error|exception|stop)"/;
const LOOK_AGAIN_MS = 500;
/** An event that was heard is looked after at once: it says when to look, the hash says what is so. */
const GATHER_MS = 10;
const MOST_A_LOOK = 2_000;

interface Waiter {
  readonly endedAfterMs: number;
  readonly resolve: () => void;
  readonly sinceMs: number;
}

/** Tells the starter of tasks when one has ended, whatever becomes of events and of Redis. */
export class EndWatch {
  /** Ends that were heard: for the line of progress only. */
  heard = 0;
  private readonly waiters = new Map<string, Waiter>();
  private readonly due = new Set<string>();
  private readonly subscriber: Redis;
  private readonly reader: Redis;
  private readonly timers: NodeJS.Timeout[];
  private looking = false;

  constructor(
    url: string,
    private readonly keys: TaskKeys,
  ) {
    const options = { retryStrategy: () => 100, maxRetriesPerRequest: null, disconnectTimeout: 100 };
    this.subscriber = new Redis(url, options);
    this.reader = new Redis(url, options);
    for (const client of [this.subscriber, this.reader]) client.on('error', () => {});
    this.subscriber.on('pmessage', (_pattern: string, channel: string, text: string) => this.hear(channel, text));
    this.subscriber.psubscribe(keys.everyChannel).catch(() => {});
    this.timers = [setInterval(() => void this.look(), GATHER_MS), setInterval(() => this.lookAtAll(), LOOK_AGAIN_MS)];
  }

  get waiting(): number {
    return this.waiters.size;
  }

  /** The ids that are waited for, the longest first. */
  get waitingIds(): string[] {
    return [...this.waiters.keys()];
  }

  /**
   * Resolves when the task has ended, or is gone.
   * @param endedAfterMs An end that was written by then does not count: it is that of an earlier run.
   */
  ended(id: string, endedAfterMs = 0): Promise<void> {
    return new Promise((resolve) => {
      this.waiters.set(id, { endedAfterMs, resolve, sinceMs: performance.now() });
    });
  }

  close(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.subscriber.disconnect();
    this.reader.disconnect();
  }

  private hear(channel: string, text: string): void {
    if (!END_EVENT.test(text)) return;
    const id = this.keys.eventTaskId(channel);
    if (id === undefined) return;
    this.heard += 1;
    this.due.add(id);
  }

  /** Those that were waited for when the last look was made: their event may be lost. */
  private lookAtAll(): void {
    const beforeMs = performance.now() - LOOK_AGAIN_MS;
    for (const [id, { sinceMs }] of this.waiters) if (sinceMs < beforeMs) this.due.add(id);
  }

  private async look(): Promise<void> {
    if (this.looking || this.due.size === 0) return;
    this.looking = true;
    try {
      const ids = [...this.due].filter((id) => this.waiters.has(id)).slice(0, MOST_A_LOOK);
      if (ids.length < MOST_A_LOOK) this.due.clear();
      else for (const id of ids) this.due.delete(id);
      const found = await Promise.all(ids.map((id) => this.reader.hmget(this.keys.task(id), 'state', 'ended', 'task')));
      ids.forEach((id, position) => {
        this.settle(id, found[position] as (string | null)[]);
      });
    } catch {
      // Redis is away: the next look at all of them asks again.
    } finally {
      this.looking = false;
    }
  }

  private settle(id: string, [state, ended, task]: readonly (string | null)[]): void {
    const waiter = this.waiters.get(id);
    if (!waiter) return;
    const isOver = ENDED.has(state ?? '') && (state === 'STOPPED' || Number(ended) > waiter.endedAfterMs);
    const isGone = !state && !task;
    if (!isOver && !isGone) return;
    this.waiters.delete(id);
    waiter.resolve();
  }
}

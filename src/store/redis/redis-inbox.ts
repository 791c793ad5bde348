import { sleep, within } from '../../clock';
import type { TaskKeys } from '../../task/keys';
import { MOST_TAKEN } from '../worker-store';
import { QueueHead } from './queue-head';
import type { RedisConnection } from './redis-connection';
import { putBack } from './scripts/put-back';
import { reapInbox } from './scripts/reap-inbox';
import { release } from './scripts/release';
import { type TakeReply, take } from './scripts/take';

/** How often, and after how long, a wait that is not there yet is tried to be ended again. */
const UNBLOCK_TRIES = 20;
const UNBLOCK_AGAIN_MS = 10;

/** How a place in the inbox is given up: settled, or due in the queue again after so many milliseconds. */
export interface Release {
  readonly id: string;
  readonly delayMs?: number;
}

interface TakenHere {
  readonly ids: string[];
  /** What an earlier take has lost on the way, and there is no room for. */
  readonly surplus: string[];
  readonly lapsed: boolean;
  /** In how many milliseconds there is more to take, where that is known. */
  readonly msUntilMore: number | undefined;
}

/** One worker's inbox of one queue: ids are moved there, never popped, and stay until they are settled. */
export class RedisInbox {
  /** Ids handed out and not given up -> how many places each has. */
  private readonly inHand = new Map<string, number>();
  private places = 0;
  private readonly released = new WeakSet<Release>();
  private claimEnds = 0;
  /** As the last take told, in epoch milliseconds of Redis. */
  private registeredUntilMs = 0;
  /** A take has failed since. */
  private hasFailed = false;
  /** A wait that goes on. */
  private waiting: Promise<void> | undefined;
  /** Ids in hand that waits have brought, and nobody has yet. */
  private brought: string[] = [];
  /** Ids that were forgotten since the take under way was sent. */
  private forgottenMeanwhile: string[] | undefined;
  /** Takes so far: a wait that outlasts one cannot tell what it found. */
  private takes = 0;
  private mayHaveStray = false;
  /** As the last take told. */
  private paused = false;
  private readonly head: QueueHead;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    /** The key of its list. */
    readonly queue: string,
    private readonly worker: string,
  ) {
    this.head = new QueueHead(redis, keys, queue);
  }

  /** Whether nothing is to be taken from the queue, as the last take told. */
  get isPaused(): boolean {
    return this.paused;
  }

  /** Until when what was taken may be begun, in epoch milliseconds of Redis; a quarter before others may have it. */
  get claimEndsMs(): number {
    return this.claimEnds;
  }

  /** Moves what is there, and finds what an earlier move lost on the way back; `limit` 0 only renews the claim. */
  async take(limit: number, keepMs: number): Promise<TakenHere> {
    this.takes += 1;
    this.mayHaveStray = false;
    const brought = this.brought.splice(0, limit);
    // What is given up from now on is in the inbox that the take sees.
    const forgotten: string[] = [];
    this.forgottenMeanwhile = forgotten;
    const [moved, told, msUntilDue, inbox, expiresMs, special] = await this.holding(brought, () =>
      this.move(limit - brought.length, keepMs),
    );
    this.forgottenMeanwhile = undefined;
    const lapsed = told === 1 || this.hasLapsedUntold(expiresMs - keepMs);
    if (lapsed) this.forgetAll();
    this.registeredUntilMs = expiresMs;
    this.claimEnds = expiresMs - keepMs / 4;
    const all = inbox.length > 0 ? this.unknownOf(inbox, forgotten) : moved;
    this.paused = special === 2;
    // What a wait has moved meanwhile goes back as well.
    if (this.paused && !lapsed) {
      for (const id of brought) this.forget(id);
      all.push(...brought.splice(0));
    }
    const room = this.paused ? 0 : limit - brought.length;
    const some = all.slice(0, room);
    for (const id of some) this.remember(id);
    // One that has lapsed does not have them any more.
    const ids = lapsed ? some : [...brought, ...some];
    if (special === 1) await this.head.look(expiresMs - keepMs);
    else this.head.forget();
    return { ids, surplus: all.slice(room), lapsed, msUntilMore: msUntilDue < 0 ? undefined : msUntilDue };
  }

  private async move(limit: number, keepMs: number): Promise<TakeReply> {
    const keys = {
      queue: this.queue,
      workers: this.keys.workers(this.queue),
      prioritized: this.keys.prioritized(this.queue),
      levels: this.keys.levels(this.queue),
      paused: this.keys.paused(this.queue),
      ...this.both,
    };
    const { worker, places: inHand, head } = this;
    const args = { worker, limit: Math.min(limit, MOST_TAKEN), keepMs, inHand, headSinceMs: head.sinceMs ?? '' };
    try {
      return await take.run(this.redis, keys, args);
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }

  /** A take whose reply was lost may have been told that the worker had lapsed, and have registered it anew. */
  private hasLapsedUntold(nowMs: number): boolean {
    const { hasFailed } = this;
    this.hasFailed = false;
    return hasFailed && this.places > 0 && nowMs > this.registeredUntilMs;
  }

  /** Puts ids that are not in hand back to the head of the queue, for others; the first of them is taken first. */
  async putBack(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await putBack.run(this.redis, { queue: this.queue, inbox: this.key }, {}, ids.toReversed());
  }

  /** Waits for one id, on the blocking connection. */
  async wait(waitMs: number, signal?: AbortSignal): Promise<string | undefined> {
    if (signal?.aborted || this.mayHaveStray || this.brought.length > 0) return this.brought.shift();
    this.waiting ??= this.bringOne(waitMs, signal).finally(() => {
      this.waiting = undefined;
    });
    const { waiting } = this;
    // Timed here as well: Redis looks ten times a second whether a wait is over.
    if (
      await within(
        this.redis.clock,
        waiting.catch(() => {}),
        waitMs,
        signal,
      )
    )
      await waiting;
    // On a cluster it goes on, as its node is not known: the next call joins it.
    else if (!this.redis.isCluster) void this.unblock();
    return this.brought.shift();
  }

  private async bringOne(waitMs: number, signal?: AbortSignal): Promise<void> {
    const { takes } = this;
    const id = await this.moveOne(waitMs, signal);
    if (id === null) return;
    if (takes !== this.takes) {
      // A take that was made meanwhile may have found it in the inbox, and given it out. If not, the next one does.
      this.mayHaveStray = true;
      return;
    }
    this.remember(id);
    this.brought.push(id);
  }

  private moveOne(waitMs: number, signal?: AbortSignal): Promise<string | null> {
    const seconds = waitMs / 1_000;
    // Looked at once the connection stands: before, there was nothing to unblock.
    return this.redis.call(async (client) => {
      return signal?.aborted ? null : client.blmove(this.queue, this.key, 'RIGHT', 'LEFT', seconds);
    }, 'blocking');
  }

  /** Ids that were moved there by other means are in hand as well. */
  adopt(ids: Iterable<string>): void {
    for (const id of ids) this.remember(id);
  }

  /** Gives up places. When it fails it may be called again, with the same objects. */
  async release(places: readonly Release[]): Promise<void> {
    if (places.length === 0) return;
    const given = await release.run(this.redis, this.both, {}, this.givingUp(places));
    if (given < places.length) await this.dropUnreadable();
  }

  /** An id that is no UTF-8 has another text here than in Redis: it names no task of ours, and could never be given up. */
  private async dropUnreadable(): Promise<void> {
    await this.redis.call(async (client) => {
      for (const id of await client.lrangeBuffer(this.key, 0, -1)) {
        if (!Buffer.from(id.toString()).equals(id)) await client.lrem(this.key, -1, id);
      }
    });
  }

  /** Does something with taken ids; when it fails they are forgotten, so that the next take finds them in the inbox again. */
  async holding<T>(ids: readonly string[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      for (const id of ids) this.forget(id);
      throw error;
    }
  }

  /**
   * What is in the inbox goes back to the head of the queue.
   * @param over Ids of which one place each is given up instead.
   */
  async leave(over: readonly string[]): Promise<void> {
    this.forgetAll();
    const workers = this.keys.workers(this.queue);
    await reapInbox.run(
      this.redis,
      { queue: this.queue, inbox: this.key, workers },
      { worker: this.worker, leaves: 1 },
      over,
    );
  }

  /** Whether the id was handed out, and neither given up nor lost since. */
  holds(id: string): boolean {
    return this.inHand.has(id);
  }

  forget(id: string): void {
    const count = this.inHand.get(id);
    if (!count) return;
    this.forgottenMeanwhile?.push(id);
    this.places -= 1;
    if (count === 1) this.inHand.delete(id);
    else this.inHand.set(id, count - 1);
  }

  private get key(): string {
    return this.keys.inbox(this.queue, this.worker);
  }

  private remember(id: string): void {
    this.places += 1;
    this.inHand.set(id, (this.inHand.get(id) ?? 0) + 1);
  }

  /** Both keys, for scripts that give up places. */
  get both() {
    return { inbox: this.key, delayed: this.keys.delayed(this.queue) };
  }

  /** Notes that places are about to be given up, each once, however often it is tried; answers with them as scripts take them. */
  givingUp(places: readonly Release[]): (string | number)[] {
    return places.flatMap((place) => {
      if (!this.released.has(place)) this.forget(place.id);
      this.released.add(place);
      return [place.id, place.delayMs ?? -1];
    });
  }

  private forgetAll(): void {
    this.inHand.clear();
    this.places = 0;
    this.brought = [];
  }

  /** The inbox without what is in hand, or was when it was looked at, the oldest first. */
  private unknownOf(inbox: readonly string[], forgotten: readonly string[]): string[] {
    const known = new Map(this.inHand);
    for (const id of forgotten) known.set(id, (known.get(id) ?? 0) + 1);
    return [...inbox].reverse().filter((id) => {
      const count = known.get(id) ?? 0;
      if (count > 0) known.set(id, count - 1);
      return count === 0;
    });
  }

  /** Ends the wait that goes on; one that has only just been sent may not have reached Redis yet. */
  private async unblock(): Promise<void> {
    const { waiting } = this;
    try {
      for (let tries = 0; tries < UNBLOCK_TRIES && this.waiting === waiting; tries++) {
        const id = this.redis.blockingClientId;
        if (id !== undefined && (await this.redis.call((client) => client.client('UNBLOCK', id))) === 1) return;
        await sleep(this.redis.clock, UNBLOCK_AGAIN_MS);
      }
    } catch {
      // The wait runs out by itself within seconds.
    }
  }
}

import type { TaskKeys } from '../../task/keys';
import type { Opened, OpenRequest, Taken, TakeRequest } from '../worker-store';
import { forgetUsed, giveBackTaken } from './give-back-taken';
import { inOrder } from './in-order';
import type { LeaseIndex } from './lease-index';
import { type Answer, isOpened, readOpened, toRelease } from './opened';
import type { RedisConnection } from './redis-connection';
import { type RedisInbox, RedisInboxes, type Release } from './redis-inbox';
import { groups } from './script';
import { claimed } from './scripts/claimed';
import { open } from './scripts/open';
import type { TokenSource } from './token-source';

/** Opened ids whose places in the inbox are still to be given up. */
interface Unsettled {
  readonly inbox: RedisInbox;
  readonly worker: string;
  readonly leaseMs: number;
  /** Those that run, here or elsewhere. */
  readonly running: readonly string[];
  /** Those whose place was used up without effect. */
  readonly used: readonly string[];
  readonly places: readonly Release[];
  /** While it is being given up. */
  sending: Promise<void> | undefined;
}

/** The part of a worker's store that takes ids and begins their runs. */
export class RedisClaims {
  private readonly inboxes: RedisInboxes;
  private readonly unsettled = new Set<Unsettled>();

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly tokens: TokenSource,
    private readonly index: LeaseIndex,
  ) {
    this.inboxes = new RedisInboxes(redis, keys, keys.newQueue);
  }

  async take(request: TakeRequest, signal?: AbortSignal): Promise<Taken> {
    await this.settle();
    const inbox = this.inboxes.of(request.worker);
    const { ids, surplus, lapsed, msUntilDue } = await inbox.take(request.limit, request.keepMs);
    if (surplus.length > 0) await this.putBack(inbox, request, surplus);
    const waitMs = msUntilDue < 0 ? request.waitMs : Math.min(request.waitMs, msUntilDue);
    // One that has lapsed is told so at once: what it holds it must not begin.
    if (ids.length > 0 || waitMs === 0 || lapsed || signal?.aborted) return { ids, lapsed };
    const id = await inbox.wait(waitMs, signal);
    return { ids: id === undefined ? [] : [id], lapsed };
  }

  async open(request: OpenRequest): Promise<Opened[]> {
    const { ids, worker, leaseMs } = request;
    const inbox = this.inboxes.of(worker);
    const answers = await inbox.holding(ids, async () => {
      // Else a place that is over, but not given up yet, would stand for the next one of its id.
      await this.settle();
      return this.openHeld(inbox, request);
    });
    const running: string[] = [];
    const used: string[] = [];
    const places: Release[] = [];
    ids.forEach((id, position) => {
      const { reply } = answers[position] as Answer;
      if (isOpened(reply) || reply[0] === 'running') running.push(id);
      else if (reply[0] === 'used-up') used.push(id);
      else if (reply[0] === 'lapsed') inbox.forget(id);
      places.push(...toRelease(id, reply));
    });
    this.unsettled.add({ inbox, worker, leaseMs, running, used, places, sending: undefined });
    // What is open has begun, whatever becomes of this: it is tried again before the next take, open and end.
    const settled = this.settle().catch(() => {});
    if (this.redis.isCluster) await settled;
    return ids.map((id, position) => readOpened(id, answers[position] as Answer));
  }

  async leave(worker: string): Promise<void> {
    await this.settle();
    await giveBackTaken(this.redis, this.keys, this.index, {
      worker,
      leaseMs: this.index.longestLeaseMs,
      reap: (over) => this.inboxes.leave(worker, over),
    });
  }

  /**
   * Gives up the places of what is open, before anything else is done: on one Redis what was sent is run before what is
   * sent now, so that only what failed is waited for.
   */
  async settle(): Promise<void> {
    const waits: Promise<void>[] = [];
    for (const batch of this.unsettled) {
      if (batch.sending && !this.redis.isCluster) continue;
      batch.sending ??= this.send(batch);
      waits.push(batch.sending);
    }
    if (waits.length > 0) await Promise.all(waits);
  }

  private async send(batch: Unsettled): Promise<void> {
    const { inbox, worker, leaseMs, running, used, places } = batch;
    try {
      await inOrder(this.redis, [
        // In the index before out of the inbox: an id is always in a place where the monitor looks.
        () => this.index.enter(running, leaseMs),
        () => inbox.release(places),
        () => forgetUsed(this.redis, this.keys, worker, used),
      ]);
      this.unsettled.delete(batch);
    } finally {
      batch.sending = undefined;
    }
  }

  /** Others may have what this worker has no slot for, except for what it has begun or used up: that is its own to settle. */
  private async putBack(inbox: RedisInbox, { worker, keepMs }: TakeRequest, ids: readonly string[]): Promise<void> {
    const items = ids.map((id) => ({ key: this.keys.task(id) }));
    const replies = await claimed.run(this.redis, items, { worker, leaseMs: keepMs });
    await inbox.putBack(ids.filter((_, position) => replies[position]?.[0] === 'not yet'));
  }

  /** An id that was taken before this worker was silent for too long is not its own, whatever it has taken since. */
  private async openHeld(inbox: RedisInbox, request: OpenRequest): Promise<Answer[]> {
    const ids = request.ids.filter((id) => inbox.holds(id));
    const opened = await this.openInCalls(inbox, { ...request, ids });
    if (ids.length === request.ids.length) return opened;
    const answers = new Map(ids.map((id, position) => [id, opened[position] as Answer]));
    return request.ids.map((id) => answers.get(id) ?? { reply: ['lapsed'], tokenBase: '' });
  }

  /** One call after another where a name has a bound: each call has to know how many runs the others began. */
  private async openInCalls(inbox: RedisInbox, request: OpenRequest): Promise<Answer[]> {
    const items = request.ids.map((id) => ({ key: this.keys.task(id), here: request.runHere.has(id) ? 1 : 0 }));
    const bounded = [...request.slots.values()].some(Number.isFinite);
    if (!bounded) return this.callOpen(inbox, request, items, request.slots);
    const slots = new Map(request.slots);
    const answers: Answer[] = [];
    for (const positions of groups(items, this.redis.isCluster)) {
      const group = positions.map((position) => items[position] as (typeof items)[number]);
      const some = await this.callOpen(inbox, request, group, slots);
      some.forEach((answer, place) => {
        answers[positions[place] as number] = answer;
        const name = isOpened(answer.reply) ? answer.reply[2] : null;
        if (name !== null) slots.set(name, (slots.get(name) ?? 0) - 1);
      });
    }
    return answers;
  }

  private async callOpen(
    inbox: RedisInbox,
    { worker, leaseMs, unknownTaskTimeoutMs: unknownMs }: OpenRequest,
    items: readonly { key: string; here: number }[],
    slots: ReadonlyMap<string, number>,
  ): Promise<Answer[]> {
    const tokenBase = this.tokens.next(worker);
    const workerJson = JSON.stringify(worker);
    const args = { worker, workerJson, tokenBase, claimEndsMs: inbox.claimEndsMs, leaseMs, unknownMs };
    const free = [...slots].flatMap(([name, left]) => {
      return [name, JSON.stringify(name), Number.isFinite(left) ? Math.max(0, left) : -1];
    });
    const replies = await open.run(this.redis, items, args, free);
    return replies.map((reply) => ({ reply, tokenBase }));
  }
}

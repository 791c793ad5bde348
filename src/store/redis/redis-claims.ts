import { sleep } from '../../clock';
import type { TaskKeys } from '../../task/keys';
import { DEFAULT_QUEUE } from '../../task/queue-name';
import type { LanedTask } from '../limits';
import type { Lease, Opened, OpenRequest, ParkReply, Taken, TakeRequest } from '../worker-store';
import { giveBackTaken } from './give-back-taken';
import type { LeaseIndex } from './lease-index';
import { type Answer, isOpened, namesToOpen, readOpened, toRelease } from './opened';
import { QueueNames } from './queue-names';
import type { RedisConnection } from './redis-connection';
import type { RedisInbox, Release } from './redis-inbox';
import { RedisInboxes } from './redis-inboxes';
import { earlier, groupedBy, RedisLanes } from './redis-lanes';
import { groups } from './script';
import { claimed } from './scripts/claimed';
import { open, openAndEnter } from './scripts/open';
import { Settling } from './settling';
import type { TokenSource } from './token-source';

const NONE_ADMITTED: Pick<Taken, 'msUntilMore'> & { readonly ids: string[] } = { ids: [], msUntilMore: undefined };

/** The place under limits that an id in hand holds. */
interface Hold {
  readonly queue: string | undefined;
  /** Under whose limits. */
  readonly limited: string;
  readonly place: string;
}

/** The part of a worker's store that takes ids and begins their runs. */
export class RedisClaims {
  private readonly inboxesOf = new Map<string, RedisInboxes>();
  private readonly queues: QueueNames;
  private readonly settling: Settling;
  private readonly lanes: RedisLanes;
  /** Of ids in hand. */
  private readonly holds = new Map<string, Hold>();
  /** Of the takes of an inbox: whether the lanes may have more than there was room for. */
  private readonly lanesMayHaveMore = new WeakSet<RedisInbox>();
  private takes = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
    private readonly tokens: TokenSource,
    private readonly index: LeaseIndex,
  ) {
    this.queues = new QueueNames(redis, keys);
    this.settling = new Settling(redis, keys, index);
    this.lanes = new RedisLanes(redis, keys);
  }

  async take(request: TakeRequest, signal?: AbortSignal): Promise<Taken> {
    const inbox = this.inboxOf(request);
    // Before an id is moved there: the monitor looks into the inboxes of the queues that are noted.
    await this.queues.note(request.queue);
    await this.settling.settleBeforeTake();
    const found = await inbox.take(request.limit - this.keptForLanes(inbox, request), request.keepMs);
    const { surplus, lapsed } = found;
    if (lapsed) this.forgetHolds(request.queue);
    let admitted = NONE_ADMITTED;
    const isLimited = request.limits !== undefined && !lapsed;
    if (isLimited || surplus.length > 0) {
      // Where this fails nobody is told of them: the next take is to find them.
      await inbox.holding(found.ids, async () => {
        if (surplus.length > 0) await this.putBackSurplus(inbox, request, surplus);
        if (isLimited) admitted = await this.admit(inbox, request, request.limit - found.ids.length);
      });
    }
    const ids = isLimited ? [...found.ids, ...admitted.ids] : found.ids;
    const msUntilMore = earlier(found.msUntilMore, admitted.msUntilMore);
    const waitMs = Math.min(request.waitMs, msUntilMore ?? Number.POSITIVE_INFINITY);
    // One that has lapsed is told so at once: what it holds it must not begin.
    if (ids.length > 0 || waitMs === 0 || lapsed || signal?.aborted) return { ids, lapsed, msUntilMore };
    if (inbox.isPaused) {
      await sleep(this.redis.clock, waitMs, signal);
      return { ids, lapsed };
    }
    const id = await inbox.wait(waitMs, signal);
    return { ids: id === undefined ? [] : [id], lapsed };
  }

  async putBack(worker: string, ids: readonly string[], queue?: string): Promise<void> {
    const inbox = this.inboxOf({ worker, queue });
    for (const id of ids) {
      inbox.forget(id);
      this.holds.delete(id);
    }
    await inbox.putBack(ids);
  }

  /** Gives up the places in the inbox in the same step; what holds a place under the limits is to be opened anew. */
  async park(worker: string, tasks: readonly LanedTask[], queue?: string): Promise<ParkReply[]> {
    const inbox = this.inboxOf({ worker, queue });
    const ids = tasks.map(({ id }) => id);
    const hands = { inbox: inbox.both.inbox, place: this.tokens.next(worker) };
    const replies = await inbox.holding(ids, () => this.lanes.park(queue, tasks, hands));
    for (const [position, { id, name }] of tasks.entries()) {
      if (replies[position] === 'admitted') this.holds.set(id, { queue, limited: name, place: hands.place });
      else inbox.forget(id);
    }
    return replies;
  }

  /** Frees the places under the limits of runs that are over. */
  async free(leases: readonly Lease[]): Promise<void> {
    const limited = leases.filter((lease) => lease.limited !== undefined);
    if (limited.length === 0) return;
    for (const [queue, ofQueue] of groupedBy(limited, (lease) => lease.queue)) {
      for (const [name, some] of groupedBy(ofQueue, (lease) => lease.limited as string)) {
        const held = some.map(({ id, place = '' }) => ({ id, place }));
        await this.lanes.free(queue, name, held);
      }
    }
  }

  async open(request: OpenRequest): Promise<Opened[]> {
    const { ids, worker, queue, leaseMs } = request;
    const inbox = this.inboxOf(request);
    const answers = await inbox.holding(ids, async () => {
      // Else a place that is over, but not given up yet, would stand for the next one of its id.
      if (this.redis.isCluster || this.settling.hasUsed) await this.settle();
      return this.openHeld(inbox, request);
    });
    const running: string[] = [];
    const used: Release[] = [];
    const places: Release[] = [];
    ids.forEach((id, position) => {
      const { reply } = answers[position] as Answer;
      if (isOpened(reply) || reply[0] === 'running') running.push(id);
      else if (reply[0] === 'lapsed') inbox.forget(id);
      (reply[0] === 'used-up' && reply[1] !== 0 ? used : places).push(...toRelease(id, reply));
    });
    await this.settling.add({ inbox, worker, leaseMs, running, used, places });
    // Most hold no place under limits: what is in their leases is the same for all.
    const unlimited = queue === undefined ? {} : { queue };
    if (this.holds.size === 0) return ids.map((id, position) => readOpened(id, answers[position] as Answer, unlimited));
    const leases = ids.map((id) => this.leaseOf(id, request));
    await this.freeUnused(leases, answers);
    return ids.map((id, position) => readOpened(id, answers[position] as Answer, leases[position] ?? {}));
  }

  async leave(worker: string): Promise<void> {
    await this.settle();
    const { redis, keys, index, inboxesOf } = this;
    // Also where it has taken nothing, as it may be registered.
    for (const queue of new Set([keys.newQueue, ...inboxesOf.keys()])) {
      await giveBackTaken(redis, keys, index, {
        worker,
        queue,
        leaseMs: index.longestLeaseMs,
        reap: (over) => this.inboxesAt(queue).leave(worker, over),
      });
    }
  }

  /** Gives up the places of what is open, before anything else is done. */
  settle(): Promise<void> {
    return this.settling.settle();
  }

  /** Has a call that writes ends give up places: it gets both keys of an inbox, and the places as `release` takes them. */
  end<T>(write: (keys: RedisInbox['both'], places: readonly (string | number)[]) => Promise<T>): Promise<T> {
    // Where there is nothing to give up no inbox is touched, but the script names its keys.
    return this.settling.end((inbox = this.inboxOf({ worker: '' }), places) =>
      write(inbox.both, inbox.givingUp(places)),
    );
  }

  /** Where lanes may have more than there was room for they get half of it: neither keeps the other waiting for good. */
  private keptForLanes(inbox: RedisInbox, { limit, limits }: TakeRequest): number {
    if (!limits || !this.lanesMayHaveMore.has(inbox)) return 0;
    this.takes += 1;
    return Math.floor((limit + (this.takes % 2)) / 2);
  }

  private async admit(inbox: RedisInbox, { worker, queue, limits }: TakeRequest, limit: number) {
    if (!limits) return NONE_ADMITTED;
    // Unless they have been asked, and had less.
    this.lanesMayHaveMore.add(inbox);
    if (limit <= 0) return NONE_ADMITTED;
    const hands = { inbox: inbox.both.inbox, place: this.tokens.next(worker) };
    const { names, again, msUntilMore } = await this.lanes.admit(queue, hands, limit, limits);
    const ids = [...names.keys(), ...again];
    inbox.adopt(ids);
    for (const [id, limited] of names) this.holds.set(id, { queue, limited, place: hands.place });
    if (ids.length < limit) this.lanesMayHaveMore.delete(inbox);
    return { ids, msUntilMore };
  }

  /** What was in hand is another worker's by now, and so are the places. */
  private forgetHolds(queue: string | undefined): void {
    for (const [id, hold] of this.holds) if (hold.queue === queue) this.holds.delete(id);
  }

  /** As far as the store decides it. */
  private leaseOf(id: string, { queue }: OpenRequest): Pick<Lease, 'id' | 'queue' | 'limited' | 'place'> {
    const { limited, place } = this.holds.get(id) ?? {};
    const held = limited !== undefined && place !== undefined && { limited, place };
    return { id, ...(queue !== undefined && { queue }), ...held };
  }

  /** Places under the limits of what is not to run. */
  private async freeUnused(
    leases: readonly Pick<Lease, 'id' | 'queue' | 'limited' | 'place'>[],
    answers: readonly Answer[],
  ) {
    const over = leases.filter((_, position) => {
      const { reply } = answers[position] as Answer;
      return !isOpened(reply) && !['running', 'held', 'limited', 'lapsed'].includes(reply[0]);
    });
    leases.forEach(({ id }, position) => {
      if (answers[position]?.reply[0] !== 'held') this.holds.delete(id);
    });
    // What fails is left to the monitor.
    await this.free(over as Lease[]).catch(() => {});
  }

  private inboxOf({ worker, queue }: { readonly worker: string; readonly queue?: string | undefined }): RedisInbox {
    return this.inboxesAt(this.keys.queue(queue)).of(worker);
  }

  private inboxesAt(queue: string): RedisInboxes {
    let inboxes = this.inboxesOf.get(queue);
    if (!inboxes) {
      inboxes = new RedisInboxes(this.redis, this.keys, queue);
      this.inboxesOf.set(queue, inboxes);
    }
    return inboxes;
  }

  /** Others may have what this worker has no slot for, except for what it has begun or used up: that is its own to settle. */
  private async putBackSurplus(
    inbox: RedisInbox,
    { worker, keepMs }: TakeRequest,
    ids: readonly string[],
  ): Promise<void> {
    const items = ids.map((id) => ({ key: this.keys.task(id) }));
    const replies = await claimed.run(this.redis, items, {
      worker,
      queueField: this.keys.queueField(inbox.queue),
      leaseMs: keepMs,
    });
    await inbox.putBack(ids.filter((_, position) => replies[position]?.[0] === 'not yet'));
  }

  /** An id that was taken before this worker was silent for too long is not its own, whatever it has taken since. */
  private async openHeld(inbox: RedisInbox, request: OpenRequest): Promise<Answer[]> {
    const ids = request.ids.filter((id) => inbox.holds(id));
    const opened = await this.openInCalls(inbox, { ...request, ids });
    if (ids.length === request.ids.length) return opened;
    const answers = new Map(ids.map((id, position) => [id, opened[position] as Answer]));
    return request.ids.map((id) => answers.get(id) ?? { reply: ['lapsed'], token: '' });
  }

  /** One call after another where a name has a bound: each call has to know how many runs the others began. */
  private async openInCalls(inbox: RedisInbox, request: OpenRequest): Promise<Answer[]> {
    const { limited, exempt } = request;
    const items = request.ids.map((id) => {
      const here = request.runHere.has(id) ? 1 : 0;
      return { key: this.keys.task(id), here: limited && (this.holds.has(id) || exempt?.has(id)) ? here + 2 : here };
    });
    const bounded = [...request.slots.values()].some(Number.isFinite);
    if (!bounded) return this.callOpen(inbox, request, items, request.slots);
    const slots = new Map(request.slots);
    const answers: Answer[] = [];
    for (const positions of groups(items, this.redis.isCluster)) {
      const group = positions.map((position) => items[position] as (typeof items)[number]);
      const some = await this.callOpen(inbox, request, group, slots);
      some.forEach((answer, place) => {
        answers[positions[place] as number] = answer;
        const name = isOpened(answer.reply) ? answer.reply[1] : null;
        if (name !== null) slots.set(name, (slots.get(name) ?? 0) - 1);
      });
    }
    return answers;
  }

  private async callOpen(
    inbox: RedisInbox,
    request: OpenRequest,
    items: readonly { key: string; here: number }[],
    slots: ReadonlyMap<string, number>,
  ): Promise<Answer[]> {
    const { worker, queue = DEFAULT_QUEUE, leaseMs, unknownTaskTimeoutMs: unknownMs } = request;
    const token = this.tokens.next(worker);
    const workerJson = JSON.stringify(worker);
    const queueField = queue === DEFAULT_QUEUE ? '' : queue;
    const { claimEndsMs } = inbox;
    const timed = request.timed ? 1 : 0;
    const args = { worker, workerJson, token, claimEndsMs, leaseMs, unknownMs, queueField, timed };
    const free = namesToOpen(request, slots);
    this.index.willEnter(leaseMs);
    const replies = this.redis.isCluster
      ? await open.run(this.redis, items, args, free)
      : await openAndEnter.run(this.redis, items, { ...args, idStart: this.keys.idStart }, free, this.index.both);
    return replies.map((reply) => ({ reply, token }));
  }
}

import { isControlIntent } from '../../task/control';
import type { TaskKeys } from '../../task/keys';
import type { NewTask } from '../producer-store';
import type {
  Beat,
  Lease,
  Opened,
  OpenedRun,
  OpenRequest,
  Outcome,
  RequeueReply,
  Taken,
  TakeRequest,
  WorkerStore,
} from '../worker-store';
import { Batcher } from './batcher';
import { leaveIndex } from './leave-index';
import { pendingStop, readOpened, toRelease } from './opened';
import { placesOver } from './places-over';
import { pushBack } from './push-back';
import type { RedisConnection } from './redis-connection';
import { MOST_IDS_A_CALL, type RedisInbox, RedisInboxes, type Release } from './redis-inbox';
import { groups } from './script';
import { activate } from './scripts/activate';
import { emit } from './scripts/emit';
import { finish } from './scripts/finish';
import { giveBack } from './scripts/give-back';
import { heartbeat } from './scripts/heartbeat';
import { type OpenReply, open } from './scripts/open';
import { openLocal } from './scripts/open-local';
import { renew } from './scripts/renew';
import { reopen } from './scripts/reopen';
import { usedDone } from './scripts/used-done';

interface Emission {
  readonly lease: Lease;
  readonly event: string;
  readonly field: '' | 'progress' | 'control';
  readonly value: string;
}

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
}

export class RedisWorkerStore implements WorkerStore {
  private readonly inboxes: RedisInboxes;
  private readonly emitting = new Batcher<Emission, boolean>((emissions) => this.publish(emissions));
  private readonly finishing = new Batcher<{ lease: Lease; outcome: Outcome }, boolean>((ends) => this.writeEnds(ends));
  private readonly unsettled = new Set<Unsettled>();
  private settling: Promise<void> = Promise.resolve();
  private calls = 0;
  /** The longest that was asked for: no lease of this worker lapses later than so long after its run ended. */
  private leaseMs = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {
    this.inboxes = new RedisInboxes(redis, keys, keys.newQueue);
  }

  async take(request: TakeRequest, signal?: AbortSignal): Promise<Taken> {
    await this.settle();
    const inbox = this.inboxes.of(request.worker);
    const { ids, lapsed, msUntilDue } = await inbox.take(request.limit, request.keepMs);
    const waitMs = msUntilDue < 0 ? request.waitMs : Math.min(request.waitMs, msUntilDue);
    if (ids.length > 0 || waitMs === 0 || signal?.aborted) return { ids, lapsed };
    const id = await inbox.wait(waitMs, signal);
    return { ids: id === undefined ? [] : [id], lapsed };
  }

  async open(request: OpenRequest): Promise<Opened[]> {
    const { ids, worker, leaseMs } = request;
    const inbox = this.inboxes.of(worker);
    const replies = await inbox.holding(ids, () => this.openInCalls(inbox, request));
    const those = (...kinds: OpenReply[0][]) =>
      ids.filter((_, position) => kinds.includes((replies[position] as OpenReply)[0]));
    for (const id of those('lapsed')) inbox.forget(id);
    const places = ids.flatMap((id, position) => toRelease(id, replies[position] as OpenReply));
    this.unsettled.add({ inbox, worker, leaseMs, running: those('run', 'running'), used: those('used-up'), places });
    // What is open has begun, whatever becomes of this: it is tried again before the next take and the next end.
    await this.settle().catch(() => {});
    return ids.map((id, position) => readOpened(id, replies[position] as OpenReply));
  }

  async openLocal(worker: string, task: NewTask, leaseMs: number): Promise<OpenedRun> {
    const token = this.nextToken(worker);
    const { id, name, data, cleanup } = task;
    // In the index first: a worker that dies in between leaves an id without a hash, which the monitor clears away.
    await this.activate([id], leaseMs);
    await openLocal.run(this.redis, [{ key: this.keys.task(id), name, data, cleanup: String(cleanup), token }], {
      worker,
    });
    return {
      kind: 'run',
      lease: { id, token, cleanup, local: true },
      name,
      data,
      attempt: 1,
      control: undefined,
      unknownForTooLong: false,
    };
  }

  async reopen(worker: string, lease: Lease, leaseMs: number): Promise<OpenedRun | undefined> {
    const next = this.nextToken(worker);
    const [reply] = await reopen.run(this.redis, [{ key: this.keys.task(lease.id), token: lease.token, next }], {
      worker,
    });
    if (!reply) return undefined;
    await this.activate([lease.id], leaseMs);
    const [name, data, cleanup, local, attempt, control] = reply;
    return {
      kind: 'run',
      lease: { id: lease.id, token: next, cleanup: cleanup !== 'false', local: local === 'true' },
      name: name ?? undefined,
      data: data ?? undefined,
      attempt: Number(attempt ?? 1),
      control: pendingStop(control),
      unknownForTooLong: false,
    };
  }

  async heartbeat(leases: readonly Lease[], leaseMs: number): Promise<Beat[]> {
    const rows = leases.map(({ id, token }) => ({ key: this.keys.task(id), token }));
    const replies = await heartbeat.run(this.redis, rows, {});
    const alive = leases.filter((_, position) => replies[position] !== 0).map((lease) => lease.id);
    const missing = await Promise.all(
      chunks(alive).map((ids) => renew.run(this.redis, { leases: this.keys.leases }, { leaseMs }, ids)),
    );
    // A failover may have lost the entries. Of one that has ended since, the monitor finds that there is nothing to do.
    await this.activate(missing.flat(), leaseMs);
    return replies.map((reply) => {
      if (reply === 0) return { lost: true };
      return { lost: false, control: isControlIntent(reply) ? reply : undefined };
    });
  }

  emit(lease: Lease, event: string, progress?: string): Promise<boolean> {
    return this.emitting.add({ lease, event, field: progress === undefined ? '' : 'progress', value: progress ?? '' });
  }

  rejectReload(lease: Lease, event: string): Promise<boolean> {
    return this.emitting.add({ lease, event, field: 'control', value: '' });
  }

  finish(lease: Lease, outcome: Outcome): Promise<boolean> {
    return this.finishing.add({ lease, outcome });
  }

  async settleStop(lease: Lease): Promise<'stopped' | 'removed' | 'lost'> {
    const [reply] = await this.giveBack([lease], 'stop');
    return reply === 'stopped' || reply === 'removed' ? reply : 'lost';
  }

  requeue(leases: readonly Lease[]): Promise<RequeueReply[]> {
    return this.giveBack(leases, 'requeue');
  }

  async discardLocal(lease: Lease): Promise<boolean> {
    return (await this.giveBack([lease], 'discard'))[0] !== 'lost';
  }

  async leave(worker: string): Promise<void> {
    await this.settle();
    await this.inboxes.leave(worker, await placesOver(this.redis, this.keys, worker, this.leaseMs));
  }

  /** Gives up the places of what is open; one call at a time. */
  private settle(): Promise<void> {
    const done = this.settling.then(() => this.settleAll());
    this.settling = done.catch(() => {}); // Who called has the error.
    return done;
  }

  private async settleAll(): Promise<void> {
    for (const batch of this.unsettled) {
      const { inbox, worker, leaseMs, running, used, places } = batch;
      // In the index before out of the inbox: an id is always in a place where the monitor looks.
      await this.activate(running, leaseMs);
      await inbox.release(places);
      const rows = used.map((id) => ({ key: this.keys.task(id) }));
      await usedDone.run(this.redis, rows, { worker });
      this.unsettled.delete(batch);
    }
  }

  /** One call after another where a name has a bound: each call has to know how many runs the others began. */
  private async openInCalls(inbox: RedisInbox, request: OpenRequest): Promise<OpenReply[]> {
    const items = request.ids.map((id) => ({ key: this.keys.task(id), here: request.runHere.has(id) ? 1 : 0 }));
    const bounded = [...request.slots.values()].some(Number.isFinite);
    if (!bounded) return this.callOpen(inbox, request, items, request.slots);
    const slots = new Map(request.slots);
    const replies: OpenReply[] = [];
    for (const positions of groups(items, this.redis.isCluster)) {
      const group = positions.map((position) => items[position] as (typeof items)[number]);
      const answers = await this.callOpen(inbox, request, group, slots);
      answers.forEach((reply, place) => {
        replies[positions[place] as number] = reply;
        if (reply[0] === 'run' && reply[1] !== null) slots.set(reply[1], (slots.get(reply[1]) ?? 0) - 1);
      });
    }
    return replies;
  }

  private callOpen(
    inbox: RedisInbox,
    { worker, leaseMs, unknownTaskTimeoutMs: unknownMs }: OpenRequest,
    items: readonly { key: string; here: number }[],
    slots: ReadonlyMap<string, number>,
  ): Promise<OpenReply[]> {
    const args = { worker, tokenBase: this.nextToken(worker), claimEndsMs: inbox.claimEndsMs, leaseMs, unknownMs };
    const free = [...slots].flatMap(([name, left]) => [name, Number.isFinite(left) ? Math.max(0, left) : -1]);
    return open.run(this.redis, items, args, free);
  }

  private nextToken(worker: string): string {
    this.calls += 1;
    return `${worker}:${this.calls}`;
  }

  private async activate(ids: readonly string[], leaseMs: number): Promise<void> {
    this.leaseMs = Math.max(this.leaseMs, leaseMs);
    const keys = { active: this.keys.taskSet, leases: this.keys.leases };
    await Promise.all(chunks(ids).map((some) => activate.run(this.redis, keys, { leaseMs }, some)));
  }

  private async publish(emissions: readonly Emission[]): Promise<boolean[]> {
    const rows = emissions.map(({ lease, event, field, value }) => ({
      key: this.keys.task(lease.id),
      token: lease.token,
      event,
      field,
      value,
    }));
    return (await emit.run(this.redis, rows, {})).map((reply) => reply === 1);
  }

  private async writeEnds(ends: readonly { lease: Lease; outcome: Outcome }[]): Promise<boolean[]> {
    // An end that is seen before the place is given up would be run again, should this worker die in between.
    if (this.unsettled.size > 0) await this.settle();
    const rows = ends.map(({ lease, outcome }) => ({ key: this.keys.task(lease.id), token: lease.token, ...outcome }));
    const replies = await finish.run(this.redis, rows, {});
    // As pytask: into the end queue before out of the active set.
    const settled = ends.filter(({ lease }, position) => lease.cleanup && (replies[position] as number) > 0);
    if (settled.length > 0) {
      await this.redis.call((client) => client.lpush(this.keys.endQueue, ...settled.map(({ lease }) => lease.id)));
    }
    const over = ends.flatMap(({ lease }, position) => {
      const endedMs = replies[position] as number;
      if (endedMs === 0) return [];
      const stays = endedMs > 0 && !lease.cleanup;
      return [{ id: lease.id, stays, latestMs: Math.abs(endedMs) + this.leaseMs }];
    });
    await leaveIndex(this.redis, this.keys, over);
    return replies.map((reply) => reply !== 0);
  }

  private async giveBack(leases: readonly Lease[], intent: 'stop' | 'requeue' | 'discard'): Promise<RequeueReply[]> {
    const rows = leases.map(({ id, token }) => ({ key: this.keys.task(id), token }));
    const replies = await giveBack.run(this.redis, rows, { intent });
    const requeued = leases.filter((_, position) => replies[position] === 'requeued');
    await pushBack(this.redis, this.keys, requeued, 'head');
    const over = leases.flatMap(({ id }, position) => {
      if (replies[position] === 'lost') return [];
      // The next run, if there is one already, has a lease of its own; the monitor gives it its entry back.
      return [{ id, stays: replies[position] !== 'removed', latestMs: Number.MAX_SAFE_INTEGER }];
    });
    await leaveIndex(this.redis, this.keys, over);
    return replies;
  }
}

function chunks(ids: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let start = 0; start < ids.length; start += MOST_IDS_A_CALL)
    parts.push(ids.slice(start, start + MOST_IDS_A_CALL));
  return parts;
}

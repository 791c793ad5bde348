import { isControlIntent } from '../../task/control';
import type { TaskKeys } from '../../task/keys';
import { runTrace } from '../../task/run-trace';
import type { LanedTask } from '../limits';
import type { NewTask } from '../producer-store';
import type {
  Beat,
  Lease,
  Opened,
  OpenedRun,
  OpenRequest,
  Outcome,
  ParkReply,
  RequeueReply,
  Retry,
  Taken,
  TakeRequest,
  WorkerStore,
} from '../worker-store';
import { Batcher } from './batcher';
import { chunks } from './chunks';
import { LeaseIndex } from './lease-index';
import { pendingStop } from './opened';
import { pushBack } from './push-back';
import { RedisClaims } from './redis-claims';
import type { RedisConnection } from './redis-connection';
import { type End, RedisEnds } from './redis-ends';
import { RedisTaskLogs } from './redis-task-logs';
import { LARGEST_BATCH } from './script';
import { emit } from './scripts/emit';
import { giveBack } from './scripts/give-back';
import { heartbeat, heartbeatAndEnter } from './scripts/heartbeat';
import { openLocal } from './scripts/open-local';
import { renew } from './scripts/renew';
import { reopen } from './scripts/reopen';
import { retry } from './scripts/retry';
import { dropLogs } from './settle-beside';
import { TokenSource } from './token-source';

const NO_TRACES: ReadonlyMap<string, string> = new Map();

interface Emission {
  readonly lease: Lease;
  readonly event: string;
  readonly field: '' | 'progress' | 'control';
  readonly value: string;
}

export class RedisWorkerStore implements WorkerStore {
  private readonly claims: RedisClaims;
  private readonly tokens = new TokenSource();
  private readonly index: LeaseIndex;
  private readonly logs: RedisTaskLogs;
  private readonly ends: RedisEnds;
  private readonly emitting = new Batcher<Emission, boolean>((emissions) => this.publish(emissions), LARGEST_BATCH);
  private readonly finishing = new Batcher<End, boolean>((ends) => this.ends.write(ends), LARGEST_BATCH);

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {
    this.index = new LeaseIndex(redis, keys);
    this.logs = new RedisTaskLogs(redis, keys);
    this.claims = new RedisClaims(redis, keys, this.tokens, this.index);
    this.ends = new RedisEnds(redis, keys, this.claims, this.index, this.logs);
  }

  take(request: TakeRequest, signal?: AbortSignal): Promise<Taken> {
    return this.claims.take(request, signal);
  }

  putBack(worker: string, ids: readonly string[], queue?: string): Promise<void> {
    return this.claims.putBack(worker, ids, queue);
  }

  park(worker: string, tasks: readonly LanedTask[], queue?: string): Promise<ParkReply[]> {
    return this.claims.park(worker, tasks, queue);
  }

  open(request: OpenRequest): Promise<Opened[]> {
    return this.claims.open(request);
  }

  leave(worker: string): Promise<void> {
    return this.claims.leave(worker);
  }

  appendLog(lease: Lease, line: string, most: number): Promise<boolean> {
    return this.logs.append(lease, line, most);
  }

  async openLocal(worker: string, task: NewTask, leaseMs: number): Promise<OpenedRun> {
    const token = this.tokens.next(worker);
    const { id, name, data, cleanup } = task;
    // In the index first: a worker that dies in between leaves an id without a hash, which the monitor clears away.
    await this.index.enter([id], leaseMs);
    await openLocal.run(this.redis, [{ key: this.keys.task(id), name, data, cleanup: String(cleanup), token }], {
      worker,
    });
    return {
      kind: 'run',
      lease: { id, token, cleanup, local: true },
      name,
      data,
      attempt: 1,
      failures: 0,
      control: undefined,
      unknownForTooLong: false,
    };
  }

  async reopen(worker: string, lease: Lease, leaseMs: number): Promise<OpenedRun | undefined> {
    await this.logs.flush();
    const next = this.tokens.next(worker);
    const [reply] = await reopen.run(this.redis, [{ key: this.keys.task(lease.id), token: lease.token, next }], {
      worker,
    });
    if (!reply) return undefined;
    await this.index.enter([lease.id], leaseMs);
    const [name, data, cleanup, local, attempt, control, leftMs, trace] = reply;
    return {
      kind: 'run',
      lease: { ...lease, token: next, cleanup: cleanup !== 'false', local: local === 'true' },
      name: name ?? undefined,
      data: data ?? undefined,
      attempt: Number(attempt ?? 1),
      failures: 0,
      leftMs: leftMs ?? undefined,
      trace: runTrace(trace ?? undefined, undefined),
      control: pendingStop(control),
      unknownForTooLong: false,
    };
  }

  async heartbeat(leases: readonly Lease[], leaseMs: number): Promise<Beat[]> {
    const rows = leases.map(({ id, token }) => ({ key: this.keys.task(id), token }));
    const replies = this.redis.isCluster
      ? await this.beatInSteps(leases, rows, leaseMs)
      : await heartbeatAndEnter.run(this.redis, rows, { leaseMs, idStart: this.keys.idStart }, [], this.index.both);
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

  async retry(lease: Lease, { delayMs, error, event, trace }: Retry): Promise<RequeueReply> {
    const { id, token, queue } = lease;
    await this.logs.flush();
    await this.claims.settle();
    const args = { token, delayMs: Math.ceil(delayMs), error, event };
    const [reply, told] = await retry.run(
      this.redis,
      { key: this.keys.task(id) },
      args,
      trace === undefined ? [] : [trace],
    );
    if (reply === 'removed' && told) await dropLogs(this.redis, this.keys, [id]);
    if (reply !== 'lost') await this.claims.free([lease]);
    if (reply === 'requeued') await pushBack(this.redis, this.keys, [{ id, token, queue, due: told }], 'head');
    await this.leaveIndex([id], [reply]);
    return reply;
  }

  async settleStop(lease: Lease): Promise<'stopped' | 'removed' | 'lost'> {
    const [reply] = await this.giveBack([lease], 'stop');
    return reply === 'stopped' || reply === 'removed' ? reply : 'lost';
  }

  requeue(leases: readonly Lease[], traces: ReadonlyMap<string, string> = NO_TRACES): Promise<RequeueReply[]> {
    return this.giveBack(leases, 'requeue', traces);
  }

  async discardLocal(lease: Lease): Promise<boolean> {
    return (await this.giveBack([lease], 'discard'))[0] !== 'lost';
  }

  private async beatInSteps(
    leases: readonly Lease[],
    rows: Parameters<typeof heartbeat.run>[1],
    leaseMs: number,
  ): Promise<(string | 0)[]> {
    const replies = await heartbeat.run(this.redis, rows, {});
    const alive = leases.filter((_, position) => replies[position] !== 0).map((lease) => lease.id);
    const missing = await Promise.all(
      chunks(alive).map((ids) => renew.run(this.redis, { leases: this.keys.leases }, { leaseMs }, ids)),
    );
    // A failover may have lost the entries. Of one that has ended since, the monitor finds that there is nothing to do.
    await this.index.enter(missing.flat(), leaseMs);
    return replies;
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

  private async giveBack(
    leases: readonly Lease[],
    intent: 'stop' | 'requeue' | 'discard',
    traces = NO_TRACES,
  ): Promise<RequeueReply[]> {
    await this.logs.flush();
    await this.claims.settle();
    const rows = leases.map(({ id, token }) => ({ key: this.keys.task(id), token }));
    const rest = [...traces].flatMap(([id, trace]) => [this.keys.task(id), trace]);
    const told = await giveBack.run(this.redis, rows, { intent }, rest);
    const replies = told.map(([reply]) => reply);
    // Before it can be taken again: the next run is to hold a place of its own.
    await this.claims.free(leases.filter((_, position) => replies[position] !== 'lost'));
    const logged = leases.filter((_, position) => told[position]?.[1] === 1);
    await dropLogs(
      this.redis,
      this.keys,
      logged.map(({ id }) => id),
    );
    const requeued = leases.filter((_, position) => replies[position] === 'requeued');
    await pushBack(this.redis, this.keys, requeued, 'head');
    await this.leaveIndex(
      leases.map(({ id }) => id),
      replies,
    );
    return replies;
  }

  private async leaveIndex(ids: readonly string[], replies: readonly RequeueReply[]): Promise<void> {
    const over = ids.flatMap((id, position) => {
      if (replies[position] === 'lost') return [];
      // The next run, if there is one already, has a lease of its own; the monitor gives it its entry back.
      return [{ id, stays: replies[position] !== 'removed', latestMs: Number.MAX_SAFE_INTEGER }];
    });
    await this.index.leave(over);
  }
}

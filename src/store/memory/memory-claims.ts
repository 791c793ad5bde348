import type { Clock } from '../../clock';
import { DEFAULT_QUEUE } from '../../task/queue-name';
import { runTrace } from '../../task/run-trace';
import { isEndState } from '../../task/state';
import { type LanedTask, turnOf } from '../limits';
import type { NewTask } from '../producer-store';
import {
  type Lease,
  MOST_TAKEN,
  type Opened,
  type OpenedRun,
  type OpenRequest,
  type ParkReply,
  type Taken,
  type TakeRequest,
} from '../worker-store';
import type { MemoryBroker } from './memory-broker';
import type { MemoryQueue } from './memory-queue';
import { dropFields, isFresh, lastUpdateMs, numberIn, setFields, stampOf, stateOf, type TaskHash } from './task-hash';

const SHORTEST_HAND_BACK_MS = 100;
const LONGEST_HAND_BACK_MS = 1_000;

/** What makes a run of a hash, beside the hash itself. */
interface Beginning {
  readonly worker: string;
  readonly leaseMs: number;
  readonly attempt: number;
  readonly unknownForTooLong: boolean;
}

/** The part of a worker's store that takes ids and makes runs of them. */
export class MemoryClaims {
  /** Ids in hand that hold a place under the limits of a name. */
  private readonly holds = new Map<string, string>();
  /** Of those that look into lanes. */
  private takes = 0;

  constructor(private readonly broker: MemoryBroker) {}

  async take(request: TakeRequest, signal?: AbortSignal): Promise<Taken> {
    const { clock } = this.broker;
    const queue = this.broker.queue(request.queue);
    const deadlineMs = clock.monotonicMs() + request.waitMs;
    let lapsed = false;
    for (;;) {
      // Anew after every wait: it may have outlasted the registration, and others have emptied the inbox.
      lapsed = queue.register(request.worker, request.keepMs) || lapsed;
      const { limit, limits } = request;
      if (limits) this.takes += 1;
      // Half of the room is for the lanes, whatever is in the queue: neither keeps the other waiting for good.
      const first = limits ? this.admit(queue, request, Math.floor((limit + (this.takes % 2)) / 2)) : NONE_ADMITTED;
      const taken = queue.take(request.worker, Math.min(limit - first.ids.length, MOST_TAKEN));
      const room = limit - taken.length - first.ids.length;
      const rest = limits ? this.admit(queue, request, room) : NONE_ADMITTED;
      const ids = limits ? [...taken, ...first.ids, ...rest.ids] : taken;
      const leftMs = deadlineMs - clock.monotonicMs();
      if (ids.length > 0 || leftMs <= 0 || signal?.aborted) {
        return { ids, lapsed, msUntilMore: msUntil(queue.msUntilMore, rest.atMs, this.broker.clock) };
      }
      await queue.changed(leftMs, signal, rest.atMs);
    }
  }

  async putBack(worker: string, ids: readonly string[], queue?: string): Promise<void> {
    for (const id of ids) this.holds.delete(id);
    this.broker.queue(queue).putBack(worker, ids);
  }

  async open(request: OpenRequest): Promise<Opened[]> {
    const { worker, ids } = request;
    const queue = this.broker.queue(request.queue);
    if (!queue.isRegistered(worker)) return ids.map(() => ({ kind: 'lapsed' }));
    const slots = new Map(request.slots);
    const inbox = queue.inboxOf(worker);
    return ids.map((id): Opened => {
      // Taken before this worker was silent for too long: it may be another's by now.
      if (!inbox.holds(id)) return { kind: 'lapsed' };
      const opened = this.openOne(id, request, slots);
      if (opened.kind === 'held' || opened.kind === 'limited') return opened;
      queue.release(worker, id);
      return this.settleHold(id, opened, queue);
    });
  }

  async park(worker: string, tasks: readonly LanedTask[], queueName?: string): Promise<ParkReply[]> {
    const queue = this.broker.queue(queueName);
    return tasks.map((task) => {
      if (!queue.inboxOf(worker).holds(task.id)) return 'gone';
      if (queue.lanes.isHolder(task.name, task.id)) {
        this.holds.set(task.id, task.name);
        return 'admitted';
      }
      queue.release(worker, task.id);
      queue.lanes.park(task);
      return 'parked';
    });
  }

  async openLocal(worker: string, task: NewTask, leaseMs: number): Promise<OpenedRun> {
    this.broker.erase(task.id);
    const hash = this.broker.findOrMake(task.id);
    setFields(hash, { task: task.name, data: task.data, local: 'true', created: String(this.broker.clock.nowMs()) });
    if (!task.cleanup) hash.set('cleanup', 'false');
    const run = this.begin(task.id, hash, { worker, leaseMs, attempt: 1, unknownForTooLong: false });
    this.publishStart(run, worker);
    return run;
  }

  async reopen(worker: string, lease: Lease, leaseMs: number): Promise<OpenedRun | undefined> {
    const hash = this.broker.findRun(lease);
    if (hash === undefined) return undefined;
    const attempt = Math.max(1, numberIn(hash, 'attempt'));
    dropFields(hash, 'failures', 'errors', 'attempt_trace');
    const run = this.begin(lease.id, hash, { worker, leaseMs, attempt, unknownForTooLong: false });
    this.broker.publish(lease.id, 'reload');
    return run;
  }

  async leave(worker: string): Promise<void> {
    for (const queue of this.broker.queues.values()) queue.leave(worker);
  }

  private admit(queue: MemoryQueue, { worker, limits }: TakeRequest, limit: number): Admitted {
    if (!limits || queue.paused || limit <= 0) return NONE_ADMITTED;
    const { ids, atMs } = queue.lanes.admit(limit, limits);
    for (const [id, name] of ids) {
      queue.inboxOf(worker).add(id);
      this.holds.set(id, name);
    }
    return { ids: [...ids.keys()], atMs };
  }

  /** Its place may have been given up since, by a monitor. */
  private holdsPlace(id: string, name: string, queue: string | undefined): boolean {
    return this.holds.has(id) && this.broker.queue(queue).lanes.isHolder(name, id);
  }

  /** A run takes its place under the limits along; what is not to run frees it. */
  private settleHold(id: string, opened: Opened, queue: MemoryQueue): Opened {
    const name = this.holds.get(id);
    if (name === undefined) return opened;
    this.holds.delete(id);
    if (opened.kind === 'run') return { ...opened, lease: { ...opened.lease, limited: name } };
    if (this.broker.findTask(id) === undefined || stateOf(this.broker.findOrMake(id)) !== 'RUNNING')
      queue.lanes.free(name, id);
    return opened;
  }

  private openOne(id: string, request: OpenRequest, slots: Map<string, number>): Opened {
    const { worker, leaseMs } = request;
    const hash = this.broker.find(id);
    if (hash === undefined) return { kind: 'dropped', why: 'no hash' };
    if (this.broker.useUpSkip(id, request.queue) || this.runsAlready(id, hash, request)) return { kind: 'used-up' };
    const name = hash.get('task');
    if (
      name !== undefined &&
      request.limited?.has(name) &&
      !request.exempt?.has(id) &&
      !this.holdsPlace(id, name, request.queue)
    ) {
      return limitedOf(name, hash);
    }
    const free = name === undefined ? Number.POSITIVE_INFINITY : slots.get(name);
    if (name !== undefined && free === undefined && this.handBack(id, hash, request)) {
      return { kind: 'handed-back', name };
    }
    if (name !== undefined && free !== undefined) {
      if (free <= 0) return { kind: 'held', name };
      slots.set(name, free - 1);
    }
    const attempt = nextAttempt(hash);
    if (isEndState(stateOf(hash)) || stateOf(hash) === 'STOPPED') dropFields(hash, 'deadline');
    noteQueue(hash, request.queue);
    const waitedMs = request.timed ? waitedOf(hash, this.broker.clock.nowMs()) : undefined;
    const run = this.begin(id, hash, { worker, leaseMs, attempt, unknownForTooLong: free === undefined });
    this.publishStart(run, worker);
    return waitedMs === undefined ? run : { ...run, waitedMs };
  }

  private runsAlready(id: string, hash: TaskHash, { worker, runHere, leaseMs }: OpenRequest): boolean {
    if (stateOf(hash) !== 'RUNNING' || !isFresh(hash, this.broker.clock.nowMs(), leaseMs)) return false;
    // This worker's own: the answer to an earlier `open` was lost, and nobody runs it.
    if (hash.get('worker') === worker && !runHere.has(id)) return false;
    this.broker.active.add(id);
    this.broker.leases.set(id, lastUpdateMs(hash) + leaseMs);
    return true;
  }

  /** Puts an id with a name unknown here back for other workers; false where they have had their time. */
  private handBack(id: string, hash: TaskHash, { queue, unknownTaskTimeoutMs: timeoutMs }: OpenRequest): boolean {
    const nowMs = this.broker.clock.nowMs();
    const sinceMs = numberIn(hash, 'unknown_since') || nowMs;
    const passedMs = nowMs - sinceMs;
    if (passedMs >= timeoutMs) return false;
    hash.set('unknown_since', String(sinceMs));
    // The longer nobody knew it the rarer it is tried, but its end is told in time.
    const delayMs = Math.min(Math.max(passedMs, SHORTEST_HAND_BACK_MS), LONGEST_HAND_BACK_MS);
    this.broker.queue(queue).delay(id, Math.min(nowMs + delayMs, sinceMs + timeoutMs));
    return true;
  }

  private begin(id: string, hash: TaskHash, beginning: Beginning): OpenedRun {
    const { worker, leaseMs, attempt, unknownForTooLong } = beginning;
    const nowMs = this.broker.clock.nowMs();
    const token = this.broker.newToken(worker);
    const control = hash.get('control');
    // A stop or removal stays until it is settled, in case this worker dies as well; a reload has just happened.
    if (control === 'reload') hash.delete('control');
    dropFields(hash, 'output', 'progress', 'ended', 'unknown_since', 'kept', 'due', 'restarted');
    if (attempt === 1) dropFields(hash, 'crashes', 'failures', 'errors', 'attempt_trace');
    setFields(hash, {
      state: 'RUNNING',
      last_update: stampOf(nowMs),
      lease: token,
      worker,
      started: String(nowMs),
      attempt: String(attempt),
    });
    this.broker.persist(id);
    this.broker.active.add(id);
    this.broker.leases.set(id, nowMs + leaseMs);
    return {
      kind: 'run',
      lease: leaseOf(id, token, hash),
      name: hash.get('task'),
      data: hash.get('data'),
      attempt,
      failures: numberIn(hash, 'failures'),
      trace: runTrace(hash.get('trace'), hash.get('attempt_trace')),
      leftMs: hash.has('deadline') ? numberIn(hash, 'deadline') - nowMs : undefined,
      control: control === 'stop' || control === 'remove' ? control : undefined,
      unknownForTooLong,
    };
  }

  private publishStart({ lease, name, attempt }: OpenedRun, worker: string): void {
    this.broker.publish(lease.id, 'start', { task: name ?? null, attempt, worker });
  }
}

/** What was moved from lanes to an inbox, and when there is more. */
interface Admitted {
  readonly ids: readonly string[];
  readonly atMs: number | undefined;
}

const NONE_ADMITTED: Admitted = { ids: [], atMs: undefined };

function msUntil(leftMs: number | undefined, atMs: number | undefined, clock: Clock): number | undefined {
  if (atMs === undefined) return leftMs;
  return Math.min(Math.max(0, atMs - clock.nowMs()), leftMs ?? Number.POSITIVE_INFINITY);
}

function limitedOf(name: string, hash: TaskHash): Opened {
  return { kind: 'limited', name, data: hash.get('data'), ...turnOf(hash.get('created'), hash.get('priority')) };
}

/** How long a task has waited; undefined where its producer wrote no time. */
function waitedOf(hash: TaskHash, nowMs: number): number | undefined {
  const times = [numberIn(hash, 'created'), numberIn(hash, 'due'), numberIn(hash, 'restarted'), lastUpdateMs(hash)];
  const sinceMs = Math.max(...times);
  return sinceMs > 0 ? Math.max(0, nowMs - sinceMs) : undefined;
}

function leaseOf(id: string, token: string, hash: TaskHash): Lease {
  const queue = hash.get('queue');
  const [cleanup, local] = [hash.get('cleanup') !== 'false', hash.get('local') === 'true'];
  return { id, token, cleanup, local, ...(queue !== undefined && { queue }) };
}

/** The queue that an id was taken from: back there it goes. */
function noteQueue(hash: TaskHash, queue: string = DEFAULT_QUEUE): void {
  if (queue === DEFAULT_QUEUE) hash.delete('queue');
  else hash.set('queue', queue);
}

/** One more than that of a run which was cut short; 1 for a task that begins from the start. */
function nextAttempt(hash: TaskHash): number {
  const state = stateOf(hash);
  return state === 'WAIT' || state === 'RUNNING' ? numberIn(hash, 'attempt') + 1 : 1;
}

import type { Clock } from '../../clock';
import type { Logger } from '../../logger';
import type { Due } from '../../task/due';
import { encodeEvent } from '../../task/event';
import { TaskKeys } from '../../task/keys';
import { DEFAULT_QUEUE } from '../../task/queue-name';
import { takeableSinceMs } from '../../task/record';
import { changeSkips, parseSkips, skippedQueue } from '../../task/skips';
import { isEndState } from '../../task/state';
import type { Lease } from '../worker-store';
import { DueTimes } from './due-times';
import { MemoryChannels } from './memory-channels';
import { MemoryQueue } from './memory-queue';
import { MemoryUniques } from './memory-uniques';
import { dropFields, isOurStamp, isTask, numberIn, stateOf, type TaskHash } from './task-hash';

/**
 * Holds in one process what Redis holds for many: the hashes, the queues, the active set, the leases and the channels.
 * The memory store, reader and event bus that share a broker see the same tasks. All calls are synchronous, so a verb of
 * the store made of several is atomic.
 */
export class MemoryBroker {
  readonly newQueue: MemoryQueue;
  /** All queues of ids to start, by name, the default one first. */
  readonly queues = new Map<string, MemoryQueue>();
  readonly endQueue: MemoryQueue;
  /** Running, stopped, or ended with clean-up switched off. */
  readonly active = new Set<string>();
  /** Id -> when its lease lapses, in epoch milliseconds. */
  readonly leases = new DueTimes();
  readonly channels: MemoryChannels;
  readonly uniques: MemoryUniques;
  /** Id -> the lines of its log, the oldest first. */
  readonly logs = new Map<string, string[]>();
  private readonly hashes = new Map<string, TaskHash>();
  /** Id -> when its hash is dropped; absent for those kept for good. */
  private readonly expiries = new DueTimes();
  private tokenCount = 0;
  private readonly dutiesUntilMs = new Map<string, number>();

  /** @param logger Told of event listeners that threw. */
  constructor(
    readonly clock: Clock,
    readonly keys: TaskKeys = new TaskKeys(),
    logger?: Logger,
  ) {
    this.newQueue = this.queue(DEFAULT_QUEUE);
    this.endQueue = new MemoryQueue(clock);
    this.channels = new MemoryChannels(logger);
    this.uniques = new MemoryUniques(clock);
  }

  /** The queue of a name; made where it is new. */
  queue(name: string = DEFAULT_QUEUE): MemoryQueue {
    let queue = this.queues.get(name);
    if (queue === undefined) {
      queue = new MemoryQueue(this.clock, (id) => this.sinceMs(id));
      this.queues.set(name, queue);
    }
    return queue;
  }

  /** In epoch milliseconds. */
  timeOf(due: Due): number {
    return Math.ceil('inMs' in due ? this.clock.nowMs() + due.inMs : due.atMs);
  }

  /** The queue that a task belongs to. */
  queueOf(hash: TaskHash): MemoryQueue {
    return this.queue(hash.get('queue'));
  }

  /** The hash of a task, or of a removed one whose place in the queue is not used up. */
  find(id: string): TaskHash | undefined {
    const expiryMs = this.expiries.get(id);
    if (expiryMs !== undefined && expiryMs <= this.clock.nowMs()) this.delete(id);
    return this.hashes.get(id);
  }

  /** Of all hashes, those whose retention has passed included. */
  ids(): string[] {
    return [...this.hashes.keys()];
  }

  /** The hash of a task that exists. */
  findTask(id: string): TaskHash | undefined {
    const hash = this.find(id);
    return hash !== undefined && isTask(hash) ? hash : undefined;
  }

  /** The hash of a task that came to its end and was not started again. */
  findEnded(id: string): TaskHash | undefined {
    const hash = this.findTask(id);
    return hash !== undefined && isEndState(stateOf(hash)) ? hash : undefined;
  }

  /** The hash of a run that still holds its lease; undefined where its writes are refused. */
  findRun({ id, token }: Lease): TaskHash | undefined {
    const hash = this.findTask(id);
    const holds = hash?.get('lease') === token && stateOf(hash) === 'RUNNING' && isOurStamp(hash.get('last_update'));
    return holds ? hash : undefined;
  }

  findOrMake(id: string): TaskHash {
    let hash = this.find(id);
    if (hash === undefined) {
      hash = new Map();
      this.hashes.set(id, hash);
    }
    return hash;
  }

  delete(id: string): void {
    this.hashes.delete(id);
    this.logs.delete(id);
    this.expiries.delete(id);
  }

  /** Deletes the task from everywhere but the queues; what places it has there are remembered to be used up. */
  erase(id: string): void {
    const found = this.find(id);
    const skip = found?.get('skip');
    this.uniques.release(found?.get('unique'));
    this.delete(id);
    if (skip !== undefined) this.findOrMake(id).set('skip', skip);
    this.active.delete(id);
    this.leases.delete(id);
  }

  /** Marks one more place of the task in its queue as one to be used up without effect. */
  skipOnePlace(hash: TaskHash): void {
    changeSkip(hash, hash.get('queue') ?? '', 1);
  }

  /** True where a place in a queue belongs to a task that was stopped or removed while it waited: it is used up now. */
  useUpSkip(id: string, queue: string | undefined): boolean {
    const hash = this.find(id);
    if (hash === undefined) return false;
    const met = queue === undefined || queue === DEFAULT_QUEUE ? '' : queue;
    const of = hash.has('task') ? (hash.get('queue') ?? '') : undefined;
    const skipped = skippedQueue(parseSkips(hash.get('skip')), met, of);
    if (skipped === undefined) return false;
    changeSkip(hash, skipped, -1);
    if (hash.size === 0) this.delete(id);
    return true;
  }

  /** Writes that the task is stopped, and tells it. */
  markStopped(id: string, hash: TaskHash): void {
    hash.set('state', 'STOPPED');
    dropFields(hash, 'control', 'lease', 'due');
    this.active.add(id);
    this.leases.delete(id);
    this.publish(id, 'stop');
  }

  /** Deletes the task and tells it. */
  markRemoved(id: string): void {
    this.erase(id);
    this.publish(id, 'remove');
  }

  expireAt(id: string, atMs: number): void {
    this.expiries.set(id, atMs);
  }

  /** Keeps the hash for good. */
  persist(id: string): void {
    this.expiries.delete(id);
  }

  /** Frees the memory of hashes whose retention has passed; reads skip them without it. */
  dropExpired(): void {
    for (const id of this.expiries.takeDue(this.clock.nowMs())) this.delete(id);
  }

  /** @returns 0 for whoever asks first, and until `leaseMs` later for how many milliseconds more it is theirs. */
  elect(duty: string, leaseMs: number): number {
    const nowMs = this.clock.nowMs();
    const untilMs = this.dutiesUntilMs.get(duty) ?? nowMs;
    if (nowMs < untilMs) return untilMs - nowMs;
    this.dutiesUntilMs.set(duty, nowMs + leaseMs);
    return 0;
  }

  private sinceMs(id: string): number | undefined {
    const hash = this.find(id);
    const [createdMs, dueMs, restartedMs] = ['created', 'due', 'restarted'].map(
      (field) => (hash && numberIn(hash, field)) || undefined,
    );
    return takeableSinceMs({ createdMs, dueMs, restartedMs });
  }

  /** A lease token that no other run has. */
  newToken(owner: string): string {
    return `${owner}:${++this.tokenCount}`;
  }

  publish(id: string, event: string, data: unknown = null): void {
    this.publishText(id, encodeEvent(event, data));
  }

  /** @param text An encoded event. */
  publishText(id: string, text: string): void {
    this.channels.publish(this.keys.task(id), text);
  }
}

function changeSkip(hash: TaskHash, queue: string, change: 1 | -1): void {
  const skip = changeSkips(hash.get('skip'), queue, change);
  if (skip === undefined) hash.delete('skip');
  else hash.set('skip', skip);
}

import type { ControlIntent, ControlReply } from '../../task/control';
import type { Due } from '../../task/due';
import { DEFAULT_PRIORITY } from '../../task/priority';
import { DEFAULT_QUEUE } from '../../task/queue-name';
import type { TaskState } from '../../task/state';
import type { NewTask, ProducerStore } from '../producer-store';
import type { MemoryBroker } from './memory-broker';
import { dropFields, setFields, stateOf, type TaskHash } from './task-hash';

/** What is left of an earlier task of the same id, and no part of the new one. */
const FIELDS_OF_A_RUN = [
  'output',
  'attempt',
  'ended',
  'control',
  'lease',
  'local',
  'progress',
  'started',
  'worker',
  'last_update',
  'unknown_since',
  'crashes',
  'kept',
  'due',
  'failures',
  'errors',
  'queue',
  'priority',
  'deadline',
] as const;

/** The strongest last: an intent never takes the place of a stronger one. */
const INTENTS: readonly (string | undefined)[] = ['reload', 'stop', 'remove'];

export class MemoryProducer implements ProducerStore {
  constructor(private readonly broker: MemoryBroker) {}

  async enqueue(tasks: readonly NewTask[]): Promise<boolean[]> {
    return tasks.map((task) => this.enqueueOne(task));
  }

  /** Nothing of it outlives the process. */
  async confirmReplicated(): Promise<boolean> {
    return false;
  }

  async setData(id: string, data: string): Promise<boolean> {
    const hash = this.broker.findTask(id);
    hash?.set('data', data);
    return hash !== undefined;
  }

  async requestStop(id: string): Promise<ControlReply> {
    const hash = this.broker.findTask(id);
    if (hash === undefined) return 'missing';
    const state = stateOf(hash);
    if (state === 'RUNNING') return this.request(id, hash, 'stop');
    if (state !== 'WAIT') return 'unchanged';
    if (!this.broker.queueOf(hash).withdraw(id)) this.broker.skipOnePlace(hash);
    this.broker.markStopped(id, hash);
    return 'done';
  }

  async requestReload(id: string): Promise<ControlReply> {
    const hash = this.broker.findTask(id);
    if (hash === undefined) return 'missing';
    return stateOf(hash) === 'RUNNING' ? this.request(id, hash, 'reload') : 'unchanged';
  }

  async restart(id: string, onlyIn?: readonly TaskState[]): Promise<ControlReply> {
    const hash = this.broker.findTask(id);
    if (hash === undefined) return 'missing';
    const state = stateOf(hash);
    if (onlyIn !== undefined && !onlyIn.includes(state)) return 'unchanged';
    if (state === 'RUNNING') return this.request(id, hash, 'reload');
    if (state === 'WAIT') {
      const queue = this.broker.queueOf(hash);
      const owed = hash.get('push');
      if (owed !== undefined) queue.pushOnce(id, owed, 'head');
      // One that a worker has met has its place.
      else if (!hash.has('lease') && !queue.includes(id)) queue.push(id, priorityOf(hash));
      return 'unchanged';
    }
    this.putBack(id, hash);
    return 'done';
  }

  async reschedule(id: string, due: Due): Promise<ControlReply> {
    const hash = this.broker.findTask(id);
    if (hash === undefined) return 'missing';
    if (stateOf(hash) !== 'WAIT' || !this.broker.queueOf(hash).isDelayed(id)) return 'unchanged';
    const dueMs = this.timeOf(due);
    hash.set('due', String(dueMs));
    this.broker.queueOf(hash).delay(id, dueMs);
    return 'done';
  }

  async remove(id: string): Promise<ControlReply> {
    const hash = this.broker.findTask(id);
    if (hash === undefined) return 'missing';
    const state = stateOf(hash);
    if (state === 'RUNNING') return this.request(id, hash, 'remove');
    if (state === 'WAIT' && !this.broker.queueOf(hash).withdraw(id)) this.broker.skipOnePlace(hash);
    this.broker.markRemoved(id);
    return 'done';
  }

  private enqueueOne({ id, name, data, cleanup, due, queue, priority, deadline }: NewTask): boolean {
    const hash = this.broker.findOrMake(id);
    const state = stateOf(hash);
    if (hash.has('task') && (state === 'WAIT' || state === 'RUNNING')) return false;
    dropFields(hash, ...FIELDS_OF_A_RUN, 'cleanup');
    this.broker.persist(id);
    setFields(hash, { task: name, data, state: 'WAIT', created: String(this.broker.clock.nowMs()) });
    if (!cleanup) hash.set('cleanup', 'false');
    if (queue !== undefined && queue !== DEFAULT_QUEUE) hash.set('queue', queue);
    if (priority !== undefined && priority !== DEFAULT_PRIORITY) hash.set('priority', String(priority));
    if (deadline) hash.set('deadline', String(this.timeOf(deadline)));
    const [of, level] = [this.broker.queueOf(hash), priorityOf(hash)];
    if (due) {
      const dueMs = this.timeOf(due);
      hash.set('due', String(dueMs));
      of.delay(id, dueMs, level);
    } else {
      of.push(id, level);
    }
    return true;
  }

  private timeOf(due: Due): number {
    return Math.ceil('inMs' in due ? this.broker.clock.nowMs() + due.inMs : due.atMs);
  }

  /** Stores what a running task is asked to do, and tells its worker. */
  private request(id: string, hash: TaskHash, intent: ControlIntent): ControlReply {
    const stored = INTENTS.indexOf(hash.get('control'));
    if (INTENTS.indexOf(intent) > stored) hash.set('control', intent);
    this.broker.channels.publish(this.broker.keys.control(id), intent === 'reload' ? 'reload' : 'stop');
    return 'requested';
  }

  private putBack(id: string, hash: TaskHash): void {
    const token = this.broker.newToken('restart');
    dropFields(
      hash,
      'output',
      'attempt',
      'ended',
      'control',
      'progress',
      'last_update',
      'crashes',
      'kept',
      'failures',
      'errors',
      'deadline',
    );
    setFields(hash, { state: 'WAIT', lease: token, due: String(this.broker.clock.nowMs()) });
    this.broker.persist(id);
    this.broker.publish(id, 'requeue');
    this.broker.queueOf(hash).pushOnce(id, token, 'end', priorityOf(hash));
  }
}

function priorityOf(hash: TaskHash): number {
  return Number(hash.get('priority') ?? DEFAULT_PRIORITY);
}

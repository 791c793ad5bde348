import type { ControlIntent, ControlReply } from '../../task/control';
import type { Due } from '../../task/due';
import { TASK_STATES, type TaskState } from '../../task/state';
import type { NewTask, ProducerStore } from '../producer-store';
import type { UniqueClaim, UniqueReply } from '../unique';
import type { MemoryBroker } from './memory-broker';
import { MemoryUniqueEnqueuer } from './memory-unique-enqueuer';
import { dropFields, priorityOf, setExtraFields, setFields, stateOf, type TaskHash } from './task-hash';

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
  'restarted',
  'unique',
  'trace',
  'attempt_trace',
] as const;

/** The strongest last: an intent never takes the place of a stronger one. */
const INTENTS: readonly (string | undefined)[] = ['reload', 'stop', 'remove'];

export class MemoryProducer implements ProducerStore {
  private readonly uniques: MemoryUniqueEnqueuer;

  constructor(private readonly broker: MemoryBroker) {
    this.uniques = new MemoryUniqueEnqueuer(broker, {
      enqueueOne: (task) => this.enqueueOne(task),
      postpone: (id, due) => this.postpone(id, due) === 'done',
    });
  }

  async enqueue(tasks: readonly NewTask[]): Promise<boolean[]> {
    return tasks.map((task) => this.enqueueOne(task));
  }

  async enqueueUnique(task: NewTask, claim: UniqueClaim): Promise<UniqueReply> {
    return this.uniques.enqueue(task, claim);
  }

  /** Nothing of it outlives the process. */
  async confirmReplicated(ids: readonly string[]): Promise<string[]> {
    return [...ids];
  }

  async setData(id: string, data: string): Promise<boolean> {
    const hash = this.broker.findTask(id);
    hash?.set('data', data);
    return hash !== undefined;
  }

  async requestStop(id: string, onlyIn: readonly TaskState[] = TASK_STATES): Promise<ControlReply> {
    const hash = this.broker.findTask(id);
    if (hash === undefined) return 'missing';
    const state = stateOf(hash);
    if (!onlyIn.includes(state)) return 'unchanged';
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

  async restart(id: string, onlyIn: readonly TaskState[] = TASK_STATES): Promise<ControlReply> {
    const hash = this.broker.findTask(id);
    if (hash === undefined) return 'missing';
    const state = stateOf(hash);
    if (!onlyIn.includes(state)) return 'unchanged';
    if (state === 'RUNNING') return this.request(id, hash, 'reload');
    if (state === 'WAIT') {
      const [token, queue, priority] = [hash.get('lease'), this.broker.queueOf(hash), priorityOf(hash)];
      if (queue.includes(id)) return 'unchanged';
      if (token !== undefined) queue.pushOnce(id, token, 'end', priority);
      else queue.push(id, priority);
      return 'unchanged';
    }
    this.putBack(id, hash);
    return 'done';
  }

  async reschedule(id: string, due: Due): Promise<ControlReply> {
    return this.postpone(id, due);
  }

  private postpone(id: string, due: Due): ControlReply {
    const hash = this.broker.findTask(id);
    if (hash === undefined) return 'missing';
    if (stateOf(hash) !== 'WAIT' || !this.broker.queueOf(hash).isDelayed(id)) return 'unchanged';
    const dueMs = this.broker.timeOf(due);
    hash.set('due', String(dueMs));
    this.broker.queueOf(hash).delay(id, dueMs);
    return 'done';
  }

  async remove(id: string, onlyIn: readonly TaskState[] = TASK_STATES): Promise<ControlReply> {
    const hash = this.broker.findTask(id);
    if (hash === undefined) return 'missing';
    const state = stateOf(hash);
    if (!onlyIn.includes(state)) return 'unchanged';
    if (state === 'RUNNING') return this.request(id, hash, 'remove');
    if (state === 'WAIT' && !this.broker.queueOf(hash).withdraw(id)) this.broker.skipOnePlace(hash);
    this.broker.markRemoved(id);
    return 'done';
  }

  private enqueueOne(task: NewTask): boolean {
    const { id, name, data, due, lane } = task;
    const hash = this.broker.findOrMake(id);
    const state = stateOf(hash);
    if (hash.has('task') && (state === 'WAIT' || state === 'RUNNING')) return false;
    // A new one has none of them.
    if (hash.size > 0) dropFields(hash, ...FIELDS_OF_A_RUN, 'cleanup');
    this.broker.logs.delete(id);
    this.broker.persist(id);
    setFields(hash, { task: name, data, state: 'WAIT', created: String(this.broker.clock.nowMs()) });
    setExtraFields(hash, task, (time) => this.broker.timeOf(time));
    const [of, level] = [this.broker.queueOf(hash), priorityOf(hash)];
    if (due) {
      const dueMs = this.broker.timeOf(due);
      hash.set('due', String(dueMs));
      of.delay(id, dueMs, level);
    } else if (lane !== undefined) {
      of.lanes.park({ id, name, lane, createdMs: undefined, priority: level });
    } else {
      of.push(id, level);
    }
    return true;
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
      'unknown_since',
      'due',
      'failures',
      'errors',
      'deadline',
      'attempt_trace',
    );
    setFields(hash, { state: 'WAIT', lease: token, restarted: String(this.broker.clock.nowMs()) });
    this.broker.persist(id);
    this.broker.publish(id, 'requeue');
    this.broker.queueOf(hash).pushOnce(id, token, 'end', priorityOf(hash));
  }
}

import { TaskIdError } from '../errors';
import { DEFAULT_QUEUE } from './queue-name';
import { shown } from './shown';

/** The four names of the wire that may be chosen; the defaults are pytask's. */
export interface WireNames {
  /** Before the id, for the hash and the channels alike. Default `task-`. */
  readonly taskPrefix: string;
  /** The set of active ids. Default `tasks`. */
  readonly taskSet: string;
  /** The list of ids to start. Default `new-task`. */
  readonly newQueue: string;
  /** The list of ids that ended. Default `end-task`. */
  readonly endQueue: string;
}

export const DEFAULT_WIRE_NAMES: WireNames = {
  taskPrefix: 'task-',
  taskSet: 'tasks',
  newQueue: 'new-task',
  endQueue: 'end-task',
};

export interface SchedulingKeys {
  /** Hash: name -> the schedule, as JSON. */
  readonly schedules: string;
  /** Sorted set: name -> when it fires next, in epoch milliseconds of Redis. */
  readonly due: string;
  /** Hash of what has become of them: `paused:NAME`, `last:NAME`, `last-id:NAME`, `skipped:NAME`. */
  readonly state: string;
  /** Hash of the firings that are decided and not made: id -> the task, as JSON. */
  readonly owed: string;
  /** Sorted set: id of an owed firing -> until when it is one scheduler's to make, in epoch milliseconds of Redis. */
  readonly claims: string;
}

/** What Redis Cluster finds the slot of a key by, where there is one. */
const HASH_TAG = /\{[^}]+\}/;
const CONTROL_SUFFIX = '-control';
const MAX_ID_BYTES = 512;
const STAGED = 'staged-unique:';
const LOG = 'log';

/** Every key and channel name, in one place: none is put together anywhere else. */
export class TaskKeys {
  readonly taskSet: string;
  readonly newQueue: string;
  readonly endQueue: string;
  /** Sorted set beside the active set: id -> when its lease lapses, in epoch milliseconds of Redis. */
  readonly leases: string;
  private readonly taskPrefix: string;

  constructor(names: WireNames = DEFAULT_WIRE_NAMES) {
    this.taskPrefix = names.taskPrefix;
    this.taskSet = names.taskSet;
    this.newQueue = names.newQueue;
    this.endQueue = names.endQueue;
    this.leases = beside(names.taskSet, 'leases');
  }

  /** The hash of a task; its events are published on a channel of the same name. */
  task(id: string): string {
    return this.taskPrefix + id;
  }

  /** At which byte of a hash's key the id begins, counted from 1 as Lua does. */
  get idStart(): number {
    return Buffer.byteLength(this.taskPrefix) + 1;
  }

  control(id: string): string {
    return this.taskPrefix + id + CONTROL_SUFFIX;
  }

  /** The list of ids to start of a queue; each but the default one has a cluster slot of its own. */
  queue(name?: string | null): string {
    return !name || name === DEFAULT_QUEUE ? this.newQueue : `${this.newQueue}:${name}`;
  }

  /** What a hash says of its queue, by the key of the list: its name, empty for the default one. */
  queueField(queue: string): string {
    return queue === this.newQueue ? '' : queue.slice(this.newQueue.length + 1);
  }

  /** The names of all queues but the default one that somebody has used. */
  get queues(): string {
    return beside(this.newQueue, 'queues');
  }

  /** Exists while nothing is to be taken from the queue. */
  paused(queue: string): string {
    return beside(queue, 'paused');
  }

  /** Sorted set: id -> when it was enqueued, in epoch milliseconds of Redis, set off by its priority; lower is taken first. */
  prioritized(queue: string): string {
    return beside(queue, 'prioritized');
  }

  /** Hash: id -> the priority it is to have once it is due. */
  levels(queue: string): string {
    return beside(queue, 'levels');
  }

  /** The names of tasks that wait in lanes of the queue. */
  laned(queue: string): string {
    return beside(queue, 'laned');
  }

  /** What stands beside a queue for the tasks of one name that stand under limits. */
  lanes(queue: string, name: string) {
    return {
      /** Sorted set: lane -> when it is its turn, in epoch milliseconds of Redis; without those that wait for an end. */
      lanes: beside(queue, `lanes:${name}`),
      /** Sorted set of equal scores: lane, time and id of each task that waits. */
      parked: beside(queue, `parked:${name}`),
      /** Hash: holder -> its lane, lane -> how many holders it has, id -> how many places it has in lanes. */
      counts: beside(queue, `counts:${name}`),
      /** Sorted set: id of a task that holds a place under the limits -> since when. */
      holders: beside(queue, `holders:${name}`),
      /** Sorted set: lane -> until when what it has started counts against its rate. */
      rates: beside(queue, `rates:${name}`),
    };
  }

  /** As the holders of a name, of a queue that has limits of its own. */
  queueHolders(queue: string): string {
    return beside(queue, 'holders');
  }

  /** Text: until when what the queue has started counts against its rate. */
  queueRate(queue: string): string {
    return beside(queue, 'rate');
  }

  /** The ids that a worker has taken from a queue and not settled yet. */
  inbox(queue: string, worker: string): string {
    return beside(queue, `inbox:${worker}`);
  }

  /** Sorted set: worker -> until when its inbox of this queue is its own, in epoch milliseconds of Redis. */
  workers(queue: string): string {
    return beside(queue, 'workers');
  }

  /** Sorted set: id -> when it goes back into the queue, in epoch milliseconds of Redis. */
  delayed(queue: string): string {
    return beside(queue, 'delayed');
  }

  /** Told when an id is to be back in the queue sooner than any before: idle workers wait no longer than that. */
  wake(queue: string): string {
    return beside(queue, 'wake');
  }

  /** Where to tell that there is more to take; empty where who waits hears of it by itself: a wait blocks on the default list alone. */
  wakeOf(queue: string): string {
    return queue === this.newQueue ? '' : this.wake(queue);
  }

  /** Which worker does a duty of one for all; expires. */
  duty(name: string): string {
    return beside(this.taskSet, name);
  }

  /** Written before a wait for replicas, in the slot of another key; gone after seconds. */
  replicated(key: string): string {
    return beside(key, 'replicated');
  }

  /** Exists for an hour once the id has been put back under this token, so that it is put back once only. */
  pushed(queue: string, id: string, token: string): string {
    return beside(queue, `pushed:${id}:${token}`);
  }

  /** Keys of the schedules; all are in the slot of the new queue. */
  get scheduling(): SchedulingKeys {
    const schedules = beside(this.newQueue, 'schedules');
    return {
      schedules,
      due: `${schedules}:due`,
      state: `${schedules}:state`,
      owed: `${schedules}:owed`,
      claims: `${schedules}:claims`,
    };
  }

  /** What is known of the last task of a key, by the key's hash; in a slot of its own, unless the queue's name brings a hash tag. */
  unique(hash: string): string {
    return `${this.newQueue}:unique:${hash}`;
  }

  /** A task that is to be written if it gets its key, in the slot of its hash; expires. */
  staged(id: string, token: string): string {
    return beside(this.task(id), `${STAGED}${token}`);
  }

  /** List: the log that a task has of its own, a line of JSON each, the oldest first; in the slot of its hash. */
  log(id: string): string {
    const key = this.task(id);
    // Braces where the prefix brings its own tag: no id has them, so that it is the key of no other task.
    return HASH_TAG.test(key) ? `${key}:{${LOG}}` : beside(key, LOG);
  }

  /** Matches the channels of all tasks, control channels included. */
  get everyChannel(): string {
    return `${escapeGlob(this.taskPrefix)}*`;
  }

  get everyControlChannel(): string {
    return `${escapeGlob(this.taskPrefix)}*${CONTROL_SUFFIX}`;
  }

  /** Matches the hashes of all tasks, and whatever else has such a name. */
  get everyTask(): string {
    return `${escapeGlob(this.taskPrefix)}*`;
  }

  /** Matches the inboxes of a queue, or of all queues and more, whether their workers are registered or not. */
  everyInbox(queue?: string): string {
    return queue === undefined ? '*:inbox:*' : `${escapeGlob(this.inbox(queue, ''))}*`;
  }

  /** The id whose hash has this key; undefined for our other keys, which may begin in the same way, and for foreign ones. */
  taskId(key: string): string | undefined {
    if (!key.startsWith(this.taskPrefix)) return undefined;
    const names = [this.taskSet, this.newQueue, this.endQueue];
    if (names.some((name) => key === name || key.startsWith(beside(name, '')))) return undefined;
    // Named queues, what stands beside them, and unique keys.
    if (key.startsWith(`${this.newQueue}:`) || key.startsWith(`{${this.newQueue}:`)) return undefined;
    if (key.includes('{') && key.includes(`:${STAGED}`)) return undefined;
    if (key.endsWith(`:{${LOG}}`) || key.endsWith(`}:${LOG}`)) return undefined;
    return key.slice(this.taskPrefix.length);
  }

  /** The id whose events travel on this channel; undefined for a control channel and for foreign ones. */
  eventTaskId(channel: string): string | undefined {
    if (!channel.startsWith(this.taskPrefix) || channel.endsWith(CONTROL_SUFFIX)) return undefined;
    return channel.slice(this.taskPrefix.length);
  }

  /** The id that this control channel belongs to. */
  controlTaskId(channel: string): string | undefined {
    if (!channel.startsWith(this.taskPrefix) || !channel.endsWith(CONTROL_SUFFIX)) return undefined;
    return channel.slice(this.taskPrefix.length, -CONTROL_SUFFIX.length);
  }
}

/**
 * @throws {TaskIdError} The id is empty, over 512 bytes, holds a brace (it would choose the cluster slot) or ends
 * in `-control` (its events would look like control messages of another task).
 */
export function assertUsableId(id: unknown): asserts id is string {
  const mistake = idMistake(id);
  if (mistake !== undefined) throw new TaskIdError(mistake);
}

function idMistake(id: unknown): string | undefined {
  if (typeof id !== 'string' || id === '') return `A task id must be a non-empty string, not ${shown(id, 80)}.`;
  if (Buffer.byteLength(id) > MAX_ID_BYTES) {
    return `Task id ${shown(id, 80)}… has ${Buffer.byteLength(id)} bytes; at most ${MAX_ID_BYTES} are allowed.`;
  }
  if (id.includes('{') || id.includes('}')) {
    return `Task id ${shown(id, 80)} holds a brace, which would choose its cluster slot.`;
  }
  if (id.endsWith(CONTROL_SUFFIX)) {
    return `Task id ${shown(id, 80)} ends in "${CONTROL_SUFFIX}", which names the control channel of another task.`;
  }
  return undefined;
}

/** A key in the cluster slot of `name`: `{name}:suffix`, or `name:suffix` where the name brings its own hash tag. */
function beside(name: string, suffix: string): string {
  return HASH_TAG.test(name) ? `${name}:${suffix}` : `{${name}}:${suffix}`;
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

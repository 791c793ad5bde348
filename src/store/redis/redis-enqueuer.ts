import type { Due } from '../../task/due';
import type { TaskKeys } from '../../task/keys';
import { DEFAULT_PRIORITY } from '../../task/priority';
import { DEFAULT_QUEUE } from '../../task/queue-name';
import type { NewTask } from '../producer-store';
import { Batcher } from './batcher';
import { QueueNames } from './queue-names';
import type { RedisConnection } from './redis-connection';
import { RedisLanes } from './redis-lanes';
import { LARGEST_BATCH } from './script';
import { delay } from './scripts/delay';
import { enqueue, enqueueAndPush, enqueueLater } from './scripts/enqueue';
import { prioritize } from './scripts/prioritize';

/** Writes new tasks; what one turn of the event loop enqueues travels together. */
export class RedisEnqueuer {
  private readonly queues: QueueNames;
  private readonly lanes: RedisLanes;
  private readonly enqueuing = new Batcher<NewTask, boolean>((tasks) => this.write(tasks), LARGEST_BATCH);

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {
    this.queues = new QueueNames(redis, keys);
    this.lanes = new RedisLanes(redis, keys);
  }

  async enqueue(tasks: readonly NewTask[]): Promise<boolean[]> {
    const [first] = tasks;
    if (first && tasks.length === 1) return [await this.enqueuing.add(first)];
    return Promise.all(tasks.map((task) => this.enqueuing.add(task)));
  }

  /** The hash before the id: who finds an id in a queue finds a task. */
  private async write(tasks: readonly NewTask[]): Promise<boolean[]> {
    if (tasks.every(isPlain)) return this.writeNow(tasks, this.keys.newQueue);
    const groups = new Map<string, number[]>();
    tasks.forEach((task, position) => {
      const name = `${wayOf(task)} ${task.queue ?? DEFAULT_QUEUE}`;
      const group = groups.get(name);
      if (group) group.push(position);
      else groups.set(name, [position]);
    });
    const written = new Array<boolean>(tasks.length);
    const writes = [...groups.values()].map(async (positions) => {
      const some = positions.map((position) => tasks[position] as NewTask);
      const replies = await this.writeGroup(some, some[0] as NewTask);
      positions.forEach((position, place) => {
        written[position] = replies[place] as boolean;
      });
    });
    await Promise.all(writes);
    return written;
  }

  /** @param like One of them: they go the same way into the same queue. */
  private async writeGroup(tasks: readonly NewTask[], like: NewTask): Promise<boolean[]> {
    const queue = this.keys.queue(like.queue);
    await this.queues.note(like.queue);
    switch (wayOf(like)) {
      case 'later':
        return this.writeLater(tasks, queue);
      case 'by-lane':
        return this.writeLaned(tasks, like.queue);
      case 'by-priority':
        return this.writePrioritized(tasks, queue);
      default:
        return this.writeNow(tasks, queue);
    }
  }

  private async writeLater(tasks: readonly NewTask[], queue: string): Promise<boolean[]> {
    const rows = this.rowsOf(tasks).map((row, position) => ({ ...row, due: dueArg(tasks[position]?.due as Due) }));
    const replies = await enqueueLater.run(this.redis, rows, {});
    const triples = tasks.flatMap(({ id, priority = '' }, position) =>
      replies[position] === 0 ? [] : [replies[position] as string, id, priority],
    );
    const keys = { delayed: this.keys.delayed(queue), levels: this.keys.levels(queue) };
    if (triples.length > 0) await delay.run(this.redis, keys, { wake: this.keys.wake(queue) }, triples);
    return replies.map((reply) => reply !== 0);
  }

  private async writePrioritized(tasks: readonly NewTask[], queue: string): Promise<boolean[]> {
    const replies = await enqueue.run(this.redis, this.rowsOf(tasks), {});
    const pairs = tasks.flatMap(({ id, priority = DEFAULT_PRIORITY }, position) =>
      replies[position] === 0 ? [] : [priority - DEFAULT_PRIORITY, id],
    );
    const prioritized = this.keys.prioritized(queue);
    if (pairs.length > 0) await prioritize.run(this.redis, { prioritized }, { wake: this.keys.wake(queue) }, pairs);
    return replies.map((reply) => reply === 1);
  }

  private async writeLaned(tasks: readonly NewTask[], queue: string | undefined): Promise<boolean[]> {
    const replies = await enqueue.run(this.redis, this.rowsOf(tasks), {});
    const written = tasks.filter((_, position) => replies[position] === 1);
    const laned = written.map(({ id, name, lane = '', priority = DEFAULT_PRIORITY }) => {
      return { id, name, lane, createdMs: undefined, priority };
    });
    await this.lanes.park(queue, laned);
    return replies.map((reply) => reply === 1);
  }

  private async writeNow(tasks: readonly NewTask[], queue: string): Promise<boolean[]> {
    const rows = this.rowsOf(tasks);
    const wake = this.keys.wakeOf(queue);
    if (!this.redis.isCluster) {
      const { idStart } = this.keys;
      const replies = await enqueueAndPush.run(this.redis, rows, { idStart, wake }, [], { queue });
      return replies.map((reply) => reply === 1);
    }
    const replies = await enqueue.run(this.redis, rows, {});
    const accepted = tasks.filter((_, position) => replies[position] === 1).map((task) => task.id);
    if (accepted.length > 0) await this.redis.call((client) => client.lpush(queue, ...accepted));
    if (accepted.length > 0 && wake !== '') await this.redis.call((client) => client.publish(wake, ''));
    return replies.map((reply) => reply === 1);
  }

  private rowsOf(tasks: readonly NewTask[]) {
    return tasks.map((task) => newTaskRow(task, this.keys));
  }
}

function isPlain({ due, priority, queue, lane }: NewTask): boolean {
  return due === undefined && priority === undefined && queue === undefined && lane === undefined;
}

/** How the id of a task comes to be taken. */
function wayOf({ due, lane, priority = DEFAULT_PRIORITY }: NewTask): 'now' | 'later' | 'by-priority' | 'by-lane' {
  // A worker that meets it then finds its lane.
  if (due !== undefined) return 'later';
  if (lane !== undefined) return 'by-lane';
  return priority === DEFAULT_PRIORITY ? 'now' : 'by-priority';
}

/** A task as the scripts that write new ones take it. */
export function newTaskRow(task: NewTask, keys: TaskKeys) {
  return {
    key: keys.task(task.id),
    name: task.name,
    data: task.data,
    extra: extraFields(task),
    fresh: task.fresh ? 1 : 0,
  };
}

/** The fields that most tasks have not, as the script takes them. */
function extraFields({
  cleanup,
  queue = DEFAULT_QUEUE,
  priority = DEFAULT_PRIORITY,
  deadline,
  trace,
}: NewTask): string {
  if (cleanup && queue === DEFAULT_QUEUE && priority === DEFAULT_PRIORITY && !deadline && !trace) return '';
  const fields: string[] = [];
  if (!cleanup) fields.push('cleanup', 'false');
  if (queue !== DEFAULT_QUEUE) fields.push('queue', queue);
  if (priority !== DEFAULT_PRIORITY) fields.push('priority', String(priority));
  if (deadline) fields.push('deadline', dueArg(deadline));
  if (trace) fields.push('trace', trace);
  return JSON.stringify(fields);
}

/** As the scripts take it. */
export function dueArg(due: Due): string {
  return 'inMs' in due ? `+${Math.ceil(due.inMs)}` : String(Math.ceil(due.atMs));
}

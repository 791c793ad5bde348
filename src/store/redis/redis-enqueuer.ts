import type { Due } from '../../task/due';
import type { TaskKeys } from '../../task/keys';
import type { NewTask } from '../producer-store';
import { Batcher } from './batcher';
import type { RedisConnection } from './redis-connection';
import { LARGEST_BATCH } from './script';
import { delay } from './scripts/delay';
import { enqueue, enqueueAndPush, enqueueLater } from './scripts/enqueue';

/** Writes new tasks; what one turn of the event loop enqueues travels together. */
export class RedisEnqueuer {
  private readonly enqueuing = new Batcher<NewTask, boolean>((tasks) => this.write(tasks), LARGEST_BATCH);

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {}

  enqueue(tasks: readonly NewTask[]): Promise<boolean[]> {
    return Promise.all(tasks.map((task) => this.enqueuing.add(task)));
  }

  /** The hash before the id: who finds an id in the queue finds a task. */
  private async write(tasks: readonly NewTask[]): Promise<boolean[]> {
    const isLater = ({ due }: NewTask) => due !== undefined;
    if (!tasks.some(isLater)) return this.writeNow(tasks);
    const [later, now] = [tasks.filter(isLater), tasks.filter((task) => !isLater(task))];
    const [laterDone, nowDone] = await Promise.all([this.writeLater(later), this.writeNow(now)]);
    return tasks.map((task) => (isLater(task) ? laterDone : nowDone).shift() as boolean);
  }

  private async writeLater(tasks: readonly NewTask[]): Promise<boolean[]> {
    const rows = this.rowsOf(tasks).map((row, position) => ({ ...row, due: dueArg(tasks[position]?.due as Due) }));
    const replies = await enqueueLater.run(this.redis, rows, {});
    const pairs = tasks.flatMap(({ id }, position) =>
      replies[position] === 0 ? [] : [replies[position] as string, id],
    );
    const { newQueue } = this.keys;
    const delayed = this.keys.delayed(newQueue);
    if (pairs.length > 0) await delay.run(this.redis, { delayed }, { wake: this.keys.wake(newQueue) }, pairs);
    return replies.map((reply) => reply !== 0);
  }

  private async writeNow(tasks: readonly NewTask[]): Promise<boolean[]> {
    const rows = this.rowsOf(tasks);
    if (!this.redis.isCluster) {
      const { idStart, newQueue: queue } = this.keys;
      const replies = await enqueueAndPush.run(this.redis, rows, { idStart }, [], { queue });
      return replies.map((reply) => reply === 1);
    }
    const replies = await enqueue.run(this.redis, rows, {});
    const accepted = tasks.filter((_, position) => replies[position] === 1).map((task) => task.id);
    if (accepted.length > 0) await this.redis.call((client) => client.lpush(this.keys.newQueue, ...accepted));
    return replies.map((reply) => reply === 1);
  }

  private rowsOf(tasks: readonly NewTask[]) {
    return tasks.map((task) => ({ key: this.keys.task(task.id), ...newTaskRow(task) }));
  }
}

/** A task as the scripts that write new ones take it, beside its key. */
export function newTaskRow({ name, data, cleanup, fresh }: NewTask) {
  return { name, data, cleanup: cleanup ? '' : 'false', fresh: fresh ? 1 : 0 };
}

/** As the scripts take it. */
export function dueArg(due: Due): string {
  return 'inMs' in due ? `+${Math.ceil(due.inMs)}` : String(Math.ceil(due.atMs));
}

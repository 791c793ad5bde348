import type { TaskKeys } from '../../task/keys';
import { DEFAULT_PRIORITY } from '../../task/priority';
import type { NewTask } from '../producer-store';
import type { ClaimedFirings } from '../schedule-store';
import { QueueNames } from './queue-names';
import type { RedisConnection } from './redis-connection';
import { newTaskRow } from './redis-enqueuer';
import { pushDone } from './scripts/push-done';
import { pushFiring } from './scripts/push-firing';
import { releaseFirings } from './scripts/release-firings';
import { shortenMarks } from './scripts/shorten-marks';
import { writeFiring } from './scripts/write-firing';

/** Of the push that a firing owes: its id is that of one time. */
const TOKEN = 'firing';

/** Makes firings that are owed; see docs/architecture.md#schedules. */
export class RedisFirings {
  private readonly queues: QueueNames;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {
    this.queues = new QueueNames(redis, keys);
  }

  /** The hash, the push, the note. What could do harm once somebody else has claimed the firing is refused before that may be. */
  async make({ tasks, untilMs, repeated }: ClaimedFirings): Promise<void> {
    if (tasks.length === 0) return;
    // Of one that is pushed the task may have run, ended and been deleted: its hash must not be made anew.
    const pushed = repeated ? await this.arePushed(tasks) : tasks.map(() => false);
    const open = tasks.filter((_, position) => !pushed[position]);
    const written = await this.write(open, untilMs);
    const replies = await Promise.all(
      open.map((task, position) => (written[position] === 1 ? this.push(task, untilMs) : written[position])),
    );
    const made = tasks.filter((_, position) => pushed[position]);
    made.push(...open.filter((_, position) => replies[position] === 1));
    await this.notePushes(made);
    // Of these somebody has made the push, or there is no task to push.
    await this.release([...made, ...open.filter((_, position) => replies[position] === 0)]);
  }

  private write(tasks: readonly NewTask[], untilMs: number): Promise<(0 | 1 | -1)[]> {
    const rows = tasks.map((task) => newTaskRow(task, this.keys));
    return writeFiring.run(this.redis, rows, { untilMs, token: TOKEN });
  }

  private async push(task: NewTask, untilMs: number): Promise<1 | -1> {
    const { id, priority } = task;
    await this.queues.note(task.queue);
    const queue = this.keys.queue(task.queue);
    const levels = priority === undefined ? '' : priority - DEFAULT_PRIORITY;
    const wake = levels === '' ? this.keys.wakeOf(queue) : this.keys.wake(queue);
    const keys = { queue, prioritized: this.keys.prioritized(queue), pushed: this.mark(task) };
    return pushFiring.run(this.redis, keys, { id, untilMs, levels, wake });
  }

  private async arePushed(tasks: readonly NewTask[]): Promise<boolean[]> {
    const replies = await this.redis.call((client) => Promise.all(tasks.map((task) => client.exists(this.mark(task)))));
    return replies.map((reply) => reply === 1);
  }

  private async notePushes(tasks: readonly NewTask[]): Promise<void> {
    await pushDone.run(
      this.redis,
      tasks.map(({ id }) => ({ key: this.keys.task(id), token: TOKEN })),
      {},
    );
  }

  /** The marks last: as long as a hash or a note tells of a push that is owed, they tell that it is made. */
  private async release(tasks: readonly NewTask[]): Promise<void> {
    if (tasks.length === 0) return;
    const { owed, claims } = this.keys.scheduling;
    const ids = tasks.map(({ id }) => id);
    await releaseFirings.run(this.redis, { owed, claims }, {}, ids);
    await shortenMarks.run(
      this.redis,
      tasks.map((task) => ({ key: this.mark(task) })),
      {},
    );
  }

  private mark({ id, queue }: NewTask): string {
    return this.keys.pushed(this.keys.queue(queue), id, TOKEN);
  }
}

import type { QueueStore } from '../store/queue-store';
import type { QueueRecord, TaskReader } from '../store/task-reader';

export interface DrainOptions {
  /** Whether tasks that wait for their time are removed as well. Default false. */
  readonly delayed?: boolean;
  /** Ends it between two steps; what is removed by then stays so. */
  readonly signal?: AbortSignal;
  /** Called after each step of at most 250 tasks with how many are removed so far. */
  readonly onProgress?: (removed: number) => void;
}

/** A queue, by its name: what is done to it concerns the workers of the whole cluster. */
export class QueueHandle {
  constructor(
    private readonly store: QueueStore,
    private readonly reader: TaskReader,
    /** Of this client when it drains: what it has in hand when it dies goes back into the queue. */
    private readonly drainer: string,
    readonly name: string,
  ) {}

  /** Its size and age; one that nobody has used yet is empty. */
  async get(): Promise<QueueRecord> {
    const known = (await this.reader.queues()).find(({ name }) => name === this.name);
    return known ?? { name: this.name, waiting: 0, delayed: 0, paused: false, oldestMs: undefined };
  }

  /**
   * Nothing is taken from it any more, by any worker, until `resume`; runs go on, and starts wait. It outlives every process.
   * A worker that is just taking may begin what it has.
   */
  pause(): Promise<void> {
    return this.store.pauseQueue(this.name);
  }

  resume(): Promise<void> {
    return this.store.resumeQueue(this.name);
  }

  /**
   * Removes the tasks that wait in it, paused or not: each tells the event `remove`. What runs goes on, and what is started meanwhile is
   * removed too as long as the drain goes on.
   * @returns How many were removed.
   */
  async drain({ delayed = false, signal, onProgress }: DrainOptions = {}): Promise<number> {
    let removed = 0;
    while (!signal?.aborted) {
      const step = await this.store.drainQueue(this.name, this.drainer, delayed);
      removed += step.removed;
      if (step.removed > 0) onProgress?.(removed);
      if (!step.more) break;
    }
    return removed;
  }
}

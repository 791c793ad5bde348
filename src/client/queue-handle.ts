import { AppClosedError, ConfigurationError } from '../errors';
import type { IdSource } from '../ids';
import type { QueueStore } from '../store/queue-store';
import type { QueueRecord, TaskReader } from '../store/task-reader';
import { checkKeys, keysOf } from '../task/option-keys';
import { queueMistake } from '../task/queue-name';
import type { Closing } from './closing';

export interface DrainOptions {
  /** Whether tasks that wait for their time are removed as well. Default false. */
  readonly delayed?: boolean;
  /** Ends it between two steps, with its reason; what is removed by then stays so. */
  readonly signal?: AbortSignal;
  /** Told after each step of at most 250 tasks how many are removed so far. A promise is awaited before it goes on. */
  readonly onProgress?: (removed: number) => void | Promise<void>;
}

const DRAIN_KEYS = keysOf<DrainOptions>({ delayed: true, signal: true, onProgress: true });

/** A queue, by its name: what is done to it concerns the workers of the whole cluster. */
export class QueueHandle {
  /** @throws {ConfigurationError} The name cannot be used. */
  constructor(
    private readonly store: QueueStore,
    private readonly reader: TaskReader,
    private readonly ids: IdSource,
    private readonly closing: Closing,
    readonly name: string,
  ) {
    const mistake = queueMistake(name);
    if (mistake !== undefined) throw new ConfigurationError(`The name of the queue${mistake}.`);
  }

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
   * @throws The reason of the signal, and what `onProgress` throws.
   * @throws {AppClosedError} The app closes meanwhile.
   */
  async drain(options: DrainOptions = {}): Promise<number> {
    checkKeys('drain', options, DRAIN_KEYS);
    const { delayed = false, signal, onProgress } = options;
    // Who dies in the middle is taken for a dead worker: what it has in hand goes back into the queue.
    const drainer = `drain-${this.ids.next()}`;
    for (let removed = 0; ; ) {
      signal?.throwIfAborted();
      if (this.closing.isClosed) throw new AppClosedError();
      const step = await this.store.drainQueue(this.name, drainer, delayed);
      removed += step.removed;
      if (step.removed > 0) await onProgress?.(removed);
      if (!step.more) return removed;
    }
  }
}

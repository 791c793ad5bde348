import { BulkControlError, type BulkControlReport } from '../bulk-errors';
import { AppClosedError } from '../errors';
import type { ProducerStore } from '../store/producer-store';
import type { TaskQuery } from '../store/task-query';
import type { TaskReader } from '../store/task-reader';
import type { ControlReply } from '../task/control';
import { checkKeys, keysOf } from '../task/option-keys';
import type { TaskState } from '../task/state';
import type { Closing } from './closing';
import { type BulkFilter, readBulkFilter } from './task-filter';

/** So many tasks are acted on at once: what they need travels together, and Redis serves others between. */
const AT_ONCE = 100;

export interface BulkControlOptions {
  /** Ends it: what is on its way is waited for, and no further task is touched. */
  readonly signal?: AbortSignal;
  /** Told how far it has come, after each step of some thousand tasks. A promise is awaited before it goes on. */
  readonly onProgress?: (report: BulkControlReport) => void | Promise<void>;
}

const BULK_CONTROL_KEYS = keysOf<BulkControlOptions>({ signal: true, onProgress: true });

/** What is done to each task. @param onlyIn Not where it is in no such state by then; undefined: in any. */
type BulkAction = (id: string, onlyIn: readonly TaskState[] | undefined) => Promise<ControlReply>;

export const BULK_ACTIONS = {
  stopMany: (store) => (id, onlyIn) => store.requestStop(id, onlyIn),
  restartMany: (store) => (id, onlyIn) => store.restart(id, onlyIn),
  removeMany: (store) => (id, onlyIn) => store.remove(id, onlyIn),
} satisfies Readonly<Record<string, (store: ProducerStore) => BulkAction>>;

/** What is needed to control many tasks. */
interface BulkControlParts {
  readonly store: ProducerStore;
  readonly reader: TaskReader;
  readonly closing: Closing;
}

/** @throws {BulkControlError} It ended early. @throws {ConfigurationError} An option or the filter. @throws {AppClosedError} */
export async function controlMany(
  { store, reader, closing }: BulkControlParts,
  call: keyof typeof BULK_ACTIONS,
  filter: BulkFilter,
  options: BulkControlOptions = {},
): Promise<BulkControlReport> {
  if (closing.isClosed) throw new AppClosedError();
  checkKeys(call, options, BULK_CONTROL_KEYS);
  const { signal, onProgress } = options;
  const query = readBulkFilter(filter);
  const control = new BulkControl(call, reader, BULK_ACTIONS[call](store), onProgress);
  return closing.interrupting(control, signal, () => control.run(query));
}

/** Does the same to all tasks that match, step by step. */
export class BulkControl {
  private readonly counts = { looked: 0, matched: 0, done: 0, requested: 0, unchanged: 0, missing: 0 };
  private interrupted: { readonly reason: unknown } | undefined;

  /** @param name Of the call, for its error. */
  constructor(
    private readonly name: string,
    private readonly reader: Pick<TaskReader, 'find'>,
    private readonly act: BulkAction,
    private readonly onProgress: BulkControlOptions['onProgress'],
  ) {}

  /** No further task is touched. The first reason counts. */
  interrupt(reason: unknown): void {
    this.interrupted ??= { reason };
  }

  /** To be called once. @throws {BulkControlError} It ended early. */
  async run(query: TaskQuery): Promise<BulkControlReport> {
    try {
      this.throwIfInterrupted();
      for await (const { looked, ids } of this.reader.find(query)) {
        this.counts.looked += looked;
        this.counts.matched += ids.length;
        await this.actOnAll(ids, query.states);
        await this.onProgress?.(this.report());
        this.throwIfInterrupted();
      }
      return this.report();
    } catch (error) {
      throw new BulkControlError(this.name, this.report(), { cause: error });
    }
  }

  /** Each of some workers takes the next id when it has done with one. */
  private async actOnAll(ids: readonly string[], onlyIn: readonly TaskState[] | undefined): Promise<void> {
    const rest = ids.values();
    const work = async () => {
      for (const id of rest) {
        if (this.interrupted) return;
        const reply = await this.act(id, onlyIn);
        this.counts[reply] += 1;
      }
    };
    const workers = Array.from({ length: Math.min(AT_ONCE, ids.length) }, () =>
      work().catch((error: unknown) => this.interrupt(error)),
    );
    await Promise.all(workers);
    this.throwIfInterrupted();
  }

  private throwIfInterrupted(): void {
    if (this.interrupted) throw this.interrupted.reason;
  }

  private report(): BulkControlReport {
    return { ...this.counts };
  }
}

import { StartManyError, type StartManyReport } from '../bulk-errors';
import { AppClosedError, NotReplicatedError, TaskExistsError } from '../errors';
import type { IdSource } from '../ids';
import type { TaskRegistry } from '../metadata/task-registry';
import type { ProducerStore } from '../store/producer-store';
import { assertUsableId } from '../task/keys';
import { checkKeys } from '../task/option-keys';
import type { TaskClass } from '../task/task-class';
import type { PublishSpan, Tracing } from '../tracing/tracing';
import { BulkStart } from './bulk-start';
import type { Closing } from './closing';
import { InputSource } from './input-source';
import { replicationOf, START_KEYS, START_MANY_KEYS, type StartManyOptions, type StartOptions } from './start-options';
import type { TaskHandle } from './task-handle';
import { TaskMakers } from './task-maker';
import { startUnique } from './unique-start';

interface StarterParts {
  readonly store: ProducerStore;
  readonly ids: IdSource;
  readonly registry: TaskRegistry;
  readonly closing: Closing;
  readonly tracing: Tracing;
  handleOf(id: string, isNew: boolean): TaskHandle;
}

/** What `client.start` and `client.startMany` do. */
export class Starter {
  private readonly makers: TaskMakers;

  constructor(private readonly parts: StarterParts) {
    this.makers = new TaskMakers(parts.registry);
  }

  async start(task: TaskClass | string, input: unknown, options: StartOptions | undefined): Promise<TaskHandle> {
    const { store, ids, closing, tracing } = this.parts;
    if (closing.isClosed) throw new AppClosedError();
    const id = options?.id === undefined ? ids.next() : options.id;
    assertUsableId(id);
    if (options !== undefined) checkKeys('start', options, START_KEYS);
    const replicaMs = options && replicationOf(options);
    const maker = this.makers.of(task, options);
    const span = tracing.publish(maker, id);
    try {
      const made = maker.make(id, input, options?.id === undefined, span?.trace);
      const claim = maker.claimOf(made);
      // Plain starts go straight to the store: a promise more costs each of them as much as its validation.
      if (!claim && !(await store.enqueue([made]))[0]) throw new TaskExistsError(id);
      const begun = claim ? await startUnique(store, made, claim) : { id, isNew: true };
      if (!begun.isNew) span?.duplicateOf(begun.id);
      if (replicaMs !== undefined && (await store.confirmReplicated([begun.id], replicaMs, made.queue)).length > 0) {
        throw new NotReplicatedError(begun.id, replicaMs);
      }
      return this.parts.handleOf(begun.id, begun.isNew);
    } catch (error) {
      span?.failed(error);
      throw error;
    } finally {
      span?.end();
    }
  }

  async startMany(
    task: TaskClass | string,
    inputs: Iterable<unknown> | AsyncIterable<unknown>,
    options: StartManyOptions,
  ): Promise<StartManyReport> {
    const { store, ids, closing, tracing, handleOf } = this.parts;
    if (closing.isClosed) throw new AppClosedError();
    checkKeys('startMany', options, START_MANY_KEYS);
    const { signal, onStarted } = options;
    const replicaMs = replicationOf(options);
    const maker = this.makers.of(task, options);
    const source = new InputSource(inputs);
    const tell = onStarted && ((id: string, index: number) => onStarted(handleOf(id, true), index));
    const span = tracing.publish(maker, undefined);
    const start = new BulkStart(source, { store, ids, maker, onStarted: tell, replicaMs, trace: span?.trace });
    const report = closing.interrupting(source, signal, () => start.run());
    return span ? followed(span, report) : report;
  }
}

/** Ends the span of a bulk start with it. */
async function followed(span: PublishSpan, call: Promise<StartManyReport>): Promise<StartManyReport> {
  try {
    const report = await call;
    span.end(report.started);
    return report;
  } catch (error) {
    span.failed(error);
    span.end(error instanceof StartManyError ? error.report.started : undefined);
    throw error;
  }
}

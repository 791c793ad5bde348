import { CLOCK, type Clock, sleep } from '../clock';
import {
  AppClosedError,
  ConfigurationError,
  InputError,
  NotReplicatedError,
  type StartManyReport,
  TaskExistsError,
} from '../errors';
import { EVENT_BUS, type EventBus, type Unsubscribe } from '../events/event-bus';
import { ID_SOURCE, type IdSource } from '../ids';
import { encodeInput } from '../input/parse-input';
import { inject, injectable } from '../metadata/reflection';
import { type TaskDefinition, taskDefinition } from '../metadata/task-definition';
import { TaskRegistry } from '../metadata/task-registry';
import type { ProducerStore } from '../store/producer-store';
import { TASK_READER, type TaskCounts, type TaskReader } from '../store/task-reader';
import { TASK_STORE } from '../store/task-store';
import type { ControlReply } from '../task/control';
import { parseDuration } from '../task/duration';
import { encodeJson, FINAL_EVENTS, type TaskEvent } from '../task/event';
import { assertUsableId } from '../task/keys';
import type { TaskRecord } from '../task/record';
import type { TaskState } from '../task/state';
import type { TaskClass } from '../task/task-class';
import { awaitResult, LOOK_AGAIN_MS } from './await-result';
import { BulkStart } from './bulk-start';
import { Closing } from './closing';
import { type DueOptions, readDue } from './due-options';
import { EventStream } from './event-stream';
import { InputSource } from './input-source';
import type { OutputOf } from './input-types';
import {
  replicationOf,
  type StartArguments,
  type StartItem,
  type StartManyOptions,
  type StartOptions,
} from './start-options';
import { type ResultOptions, TaskHandle } from './task-handle';

/** Starts, controls and watches tasks, wherever they run. */
@injectable()
export class TaskClient {
  private readonly closing = new Closing();

  constructor(
    @inject(TASK_STORE) private readonly store: ProducerStore,
    @inject(TASK_READER) private readonly reader: TaskReader,
    @inject(EVENT_BUS) private readonly bus: EventBus,
    @inject(TaskRegistry) private readonly registry: TaskRegistry,
    @inject(ID_SOURCE) private readonly ids: IdSource,
    @inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** By name: a task of another program. Its input is validated here where its class is known to this app. */
  start(name: string, input?: object, options?: StartOptions): Promise<TaskHandle>;
  // Last, as the compiler explains what is wrong with the last overload.
  /**
   * Enqueues a task. Resolves when it is in the queue.
   * @throws {InputError} The input is not valid: nothing was enqueued.
   * @throws {TaskExistsError} A task of the given id waits or runs.
   * @throws {TaskIdError} The given id cannot be used.
   * @throws {StoreUnavailableError} It is not known whether the task was enqueued.
   * @throws {NotReplicatedError} It is enqueued, but no replica has it.
   * @throws {AppClosedError}
   */
  start<T extends TaskClass>(task: T, ...args: StartArguments<T>): Promise<TaskHandle<OutputOf<T>>>;
  async start(task: TaskClass | string, input?: unknown, options: StartOptions = {}): Promise<TaskHandle> {
    if (this.closing.isClosed) throw new AppClosedError();
    const { id = this.ids.next(), cleanup = true } = options;
    assertUsableId(id);
    const replicaMs = replicationOf(options);
    const due = readDue(options);
    const { name, encode } = this.encoder(task);
    const data = encode(input);
    const fresh = options.id === undefined;
    const [enqueued] = await this.store.enqueue([{ id, name, data, cleanup, fresh, ...(due && { due }) }]);
    if (!enqueued) throw new TaskExistsError(id);
    if (replicaMs !== undefined && !(await this.store.confirmReplicated(id, replicaMs))) {
      throw new NotReplicatedError(id, replicaMs);
    }
    return new TaskHandle(this, id);
  }

  startMany(
    name: string,
    inputs: Iterable<object> | AsyncIterable<object>,
    options?: StartManyOptions,
  ): Promise<StartManyReport>;
  /**
   * Enqueues a task of each input. It reads on only as fast as tasks are written: 1,000 inputs are in memory at most,
   * 500 on their way and 500 that are validated meanwhile.
   * @param inputs Or pairs `[id, input]`, such as a Map has; both may be mixed. An async iterable that makes us wait
   *   keeps nothing back: what it gave before is started.
   * @returns How many are started, and which inputs were refused: not valid, or with an id that waits, runs or cannot
   *   be used. They don't hold up the others.
   * @throws {StartManyError} It ended before the inputs did; it says how far it came.
   * @throws {ConfigurationError} `inputs` cannot be iterated.
   * @throws {AppClosedError} Nothing was started.
   */
  startMany<T extends TaskClass>(
    task: T,
    inputs: Iterable<StartItem<T>> | AsyncIterable<StartItem<T>>,
    options?: StartManyOptions<OutputOf<T>>,
  ): Promise<StartManyReport>;
  async startMany(
    task: TaskClass | string,
    inputs: Iterable<unknown> | AsyncIterable<unknown>,
    options: StartManyOptions = {},
  ): Promise<StartManyReport> {
    if (this.closing.isClosed) throw new AppClosedError();
    const { cleanup = true, signal, onStarted } = options;
    const due = readDue(options);
    const { name: taskName, encode } = this.encoder(task);
    const source = new InputSource(inputs);
    const onClose = () => source.interrupt(new AppClosedError());
    const onAbort = () => source.interrupt(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.closing.add(onClose);
    const { store, ids } = this;
    const tell = onStarted && ((id: string, index: number) => onStarted(new TaskHandle(this, id), index));
    try {
      return await new BulkStart(source, { store, ids, taskName, encode, cleanup, due, onStarted: tell }).run();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.closing.delete(onClose);
    }
  }

  /** A handle on a task that was started elsewhere. */
  handle<Output = unknown>(id: string): TaskHandle<Output> {
    assertUsableId(id);
    return new TaskHandle(this, id);
  }

  /** Stops a running task; its worker acts at once, or at its next heartbeat. A waiting one never begins. */
  async stop(id: string): Promise<ControlReply> {
    assertUsableId(id);
    return this.store.requestStop(id);
  }

  /** Runs a running task anew with the input that is stored by now; one that is not valid is rejected with an event. */
  async reload(id: string): Promise<ControlReply> {
    assertUsableId(id);
    return this.store.requestReload(id);
  }

  /** Runs an ended or stopped task again, and a running one anew. */
  async restart(id: string): Promise<ControlReply> {
    assertUsableId(id);
    return this.store.restart(id);
  }

  /** Restarts the task if it is in this state, or in one of these. */
  async restartIfState(id: string, states: TaskState | readonly TaskState[]): Promise<ControlReply> {
    assertUsableId(id);
    return this.store.restart(id, typeof states === 'string' ? [states] : states);
  }

  /**
   * Gives a task that waits for its time, for its first run or between two, another one; a delay of 0 has it run now.
   * @returns `unchanged` where it does not wait for a time.
   * @throws {ConfigurationError} Neither a delay nor a time is given, or both.
   */
  async reschedule(id: string, when: DueOptions): Promise<ControlReply> {
    assertUsableId(id);
    const due = readDue(when);
    if (!due) throw new ConfigurationError("reschedule needs a time: give { delay: '10m' } or { runAt: new Date(…) }.");
    return this.store.reschedule(id, due);
  }

  /** Deletes a task; a running one is stopped first. */
  async remove(id: string): Promise<ControlReply> {
    assertUsableId(id);
    return this.store.remove(id);
  }

  /**
   * Replaces the stored input, for a reload or restart to come.
   * @returns False where no such task exists.
   * @throws {InputError} Its class is known here, and the input is not valid.
   */
  async setInput(id: string, input: object): Promise<boolean> {
    const record = await this.get(id);
    if (record?.name === undefined) return false;
    return this.store.setData(id, this.encoder(record.name).encode(input));
  }

  async get(id: string): Promise<TaskRecord | undefined> {
    assertUsableId(id);
    const [record] = await this.reader.get([id]);
    return record;
  }

  counts(): Promise<TaskCounts> {
    return this.reader.counts();
  }

  /** The ids to be taken next, the first of them first. */
  waiting(limit = 100): Promise<string[]> {
    return this.reader.waiting(limit);
  }

  /** The ids that ended and wait for clean-up, the oldest first. */
  ended(limit = 100): Promise<string[]> {
    return this.reader.ended(limit);
  }

  /** The ids of running and stopped tasks, and of ended ones that are kept for good. */
  active(): AsyncIterable<string> {
    return this.reader.active();
  }

  /** Waits for a task's end; see `TaskHandle.result`. */
  async result(id: string, { timeout }: ResultOptions = {}): Promise<unknown> {
    assertUsableId(id);
    const timeoutMs = timeout === undefined ? Number.POSITIVE_INFINITY : parseDuration(timeout, 'timeout');
    const { bus, reader, clock, closing } = this;
    return awaitResult({ bus, reader, clock, closing }, id, timeoutMs);
  }

  /**
   * The events of a task from the call on, until it has ended, was stopped or removed, or the app closes.
   * Read it to its end, or leave the loop: either ends the subscription.
   */
  watch(id: string): AsyncGenerator<TaskEvent, void> {
    const stream = new EventStream();
    const subscribing = this.subscribe(id, stream);
    subscribing.catch(() => {}); // Who reads has the error.
    return this.readWatched(id, stream, subscribing);
  }

  /** Ends every wait for results and events. A second call does nothing. */
  close(): void {
    this.closing.close();
  }

  private async subscribe(id: string, stream: EventStream): Promise<Unsubscribe> {
    assertUsableId(id);
    return this.bus.onTask(id, (event) => {
      stream.push(event);
      if (FINAL_EVENTS.has(event.event)) stream.end();
    });
  }

  private async *readWatched(
    id: string,
    stream: EventStream,
    subscribing: Promise<Unsubscribe>,
  ): AsyncGenerator<TaskEvent, void> {
    const unsubscribe = await subscribing;
    const over = new AbortController();
    const end = () => over.abort();
    this.closing.add(end);
    void this.endWhenOver(id, stream, over.signal);
    try {
      yield* stream.read();
    } finally {
      end();
      this.closing.delete(end);
      await unsubscribe();
    }
  }

  /** Ends a stream whose task runs no more: it had ended before, or its last event was lost. */
  private async endWhenOver(id: string, stream: EventStream, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const record = await this.get(id);
        if (!record || !['WAIT', 'RUNNING'].includes(record.state)) return stream.end();
      } catch {
        // The store is away; its events will be looked for again.
      }
      await sleep(this.clock, LOOK_AGAIN_MS, signal);
    }
    stream.end();
  }

  /** @throws {DeclarationError} It is no task class. */
  private encoder(task: TaskClass | string): { name: string; encode: (input: unknown) => string } {
    const definition: TaskDefinition | undefined =
      typeof task === 'string' ? this.registry.get(task) : taskDefinition(task);
    if (definition) return { name: definition.name, encode: (input) => encodeInput(definition, input) };
    const name = task as string;
    return { name, encode: (input) => encodeUnknown(name, input) };
  }
}

/** The input of a task whose class is not known here. */
function encodeUnknown(name: string, input: unknown): string {
  if (input === undefined) return '{}';
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InputError(name, [{ path: '', message: 'must be an object' }]);
  }
  return encodeJson(input, `the input of task "${name}"`);
}

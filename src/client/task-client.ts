import { type BulkControlReport, type StartManyReport } from '../bulk-errors';
import { CLOCK, type Clock } from '../clock';
import { EVENT_BUS, type EventBus } from '../events/event-bus';
import { ID_SOURCE, type IdSource } from '../ids';
import { inject, injectable } from '../metadata/reflection';
import { TaskRegistry } from '../metadata/task-registry';
import type { ProducerStore } from '../store/producer-store';
import type { QueueStore } from '../store/queue-store';
import type { ScheduleStore } from '../store/schedule-store';
import { TASK_READER, type TaskReader } from '../store/task-reader';
import { TASK_STORE } from '../store/task-store';
import type { ControlReply } from '../task/control';
import type { TaskEvent } from '../task/event';
import { assertUsableId } from '../task/keys';
import type { TaskState } from '../task/state';
import type { TaskClass } from '../task/task-class';
import { TRACING, type Tracing } from '../tracing/tracing';
import { awaitResult, timeoutOf } from './await-result';
import { type BulkControlOptions, controlMany } from './bulk-control';
import { Closing } from './closing';
import { type DueOptions, dueOf } from './due-options';
import type { OutputOf, ReadInputOf } from './input-types';
import { QueueHandle } from './queue-handle';
import { ScheduleClient } from './schedule-client';
import type { StartArguments, StartItem, StartManyOptions, StartOptions } from './start-options';
import { Starter } from './starter';
import type { BulkFilter } from './task-filter';
import { type ResultOptions, TaskHandle } from './task-handle';
import { TaskLooks } from './task-looks';
import { encoderOf } from './task-maker';
import { watchTask } from './watched-task';

/** Starts, controls and watches tasks, wherever they run. */
@injectable()
export class TaskClient extends TaskLooks {
  /** Tasks that recur. */
  readonly schedules: ScheduleClient;
  private readonly starter: Starter;
  private readonly closing = new Closing();

  constructor(
    @inject(TASK_STORE) private readonly store: ProducerStore & QueueStore & ScheduleStore,
    @inject(TASK_READER) reader: TaskReader,
    @inject(EVENT_BUS) private readonly bus: EventBus,
    @inject(TaskRegistry) private readonly registry: TaskRegistry,
    @inject(ID_SOURCE) private readonly ids: IdSource,
    @inject(CLOCK) private readonly clock: Clock,
    @inject(TRACING) tracing: Tracing,
  ) {
    super(reader);
    this.schedules = new ScheduleClient(store, registry);
    const handleOf = (id: string, isNew: boolean) => new TaskHandle(this, id, isNew);
    this.starter = new Starter({ store, ids, registry, closing: this.closing, tracing, handleOf });
  }

  /** By name: a task of another program. Its input is validated here where its class is known to this app. */
  start(name: string, input?: object, options?: StartOptions): Promise<TaskHandle>;
  // Last, as the compiler explains what is wrong with the last overload.
  /**
   * Enqueues a task. Resolves when it is in the queue; with an earlier task, where that has its unique key.
   * @throws {InputError} The input is not valid: nothing was enqueued.
   * @throws {TaskExistsError} A task of the given id waits or runs.
   * @throws {TaskIdError} The given id cannot be used.
   * @throws {StoreUnavailableError} It is not known whether the task was enqueued.
   * @throws {NotReplicatedError} It is enqueued, but no replica has it.
   * @throws {AppClosedError}
   */
  start<T extends TaskClass>(task: T, ...args: StartArguments<T>): Promise<TaskHandle<OutputOf<T>>>;
  start(task: TaskClass | string, input?: unknown, options?: StartOptions): Promise<TaskHandle> {
    return this.starter.start(task, input, options);
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
   * @returns How many are started, how many were duplicates of tasks with their unique key, and which inputs were refused: not valid, or with an id that waits, runs or cannot
   *   be used. They don't hold up the others.
   * @throws {StartManyError} It ended before the inputs did; it says how far it came.
   * @throws {ConfigurationError} `inputs` cannot be iterated.
   * @throws {AppClosedError} Nothing was started.
   */
  startMany<T extends TaskClass>(
    task: T,
    inputs: Iterable<StartItem<T>> | AsyncIterable<StartItem<T>>,
    options?: StartManyOptions<OutputOf<T>, ReadInputOf<T>>,
  ): Promise<StartManyReport>;
  startMany(
    task: TaskClass | string,
    inputs: Iterable<unknown> | AsyncIterable<unknown>,
    options: StartManyOptions = {},
  ): Promise<StartManyReport> {
    return this.starter.startMany(task, inputs, options);
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
    return this.store.reschedule(id, dueOf('reschedule', when));
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
    return this.store.setData(id, encoderOf(record.name, this.registry).encode(input));
  }

  /**
   * A queue, whether somebody has used it or not.
   * @throws {ConfigurationError} The name cannot be used.
   */
  queue(name: string): QueueHandle {
    return new QueueHandle(this.store, this.reader, this.ids, this.closing, name);
  }

  /**
   * Stops the tasks that match, each as `stop` does. One that has left the states of the filter meanwhile is not touched.
   * @throws {BulkControlError} It ended before all tasks were looked at; it says how far it came.
   * @throws {ConfigurationError} The filter is empty, or has a property or a value that is not known.
   */
  stopMany(filter: BulkFilter, options?: BulkControlOptions): Promise<BulkControlReport> {
    return controlMany(this.parts, 'stopMany', filter, options);
  }

  /** Restarts the tasks that match, each as `restart` does: running ones are reloaded. Otherwise as `stopMany`. */
  restartMany(filter: BulkFilter, options?: BulkControlOptions): Promise<BulkControlReport> {
    return controlMany(this.parts, 'restartMany', filter, options);
  }

  /** Removes the tasks that match, each as `remove` does: running ones are stopped first. Otherwise as `stopMany`. */
  removeMany(filter: BulkFilter, options?: BulkControlOptions): Promise<BulkControlReport> {
    return controlMany(this.parts, 'removeMany', filter, options);
  }

  /** Waits for a task's end; see `TaskHandle.result`. */
  async result(id: string, options: ResultOptions = {}): Promise<unknown> {
    assertUsableId(id);
    return awaitResult(this.parts, id, timeoutOf(options));
  }

  /**
   * The events of a task from the call on, until it has ended, was stopped or removed, or the app closes.
   * Read it to its end, or leave the loop: either ends the subscription.
   */
  watch(id: string): AsyncGenerator<TaskEvent, void> {
    return watchTask(this.parts, id);
  }

  /** Ends every wait for results and events. A second call does nothing. */
  close(): void {
    this.closing.close();
  }

  private get parts() {
    const { store, reader, bus, clock, closing } = this;
    return { store, reader, bus, clock, closing };
  }
}

import type { ControlReply } from '../task/control';
import type { Due } from '../task/due';
import type { TaskState } from '../task/state';
import type { UniqueClaim, UniqueReply } from './unique';

/** A task to be written. */
export interface NewTask {
  readonly id: string;
  readonly name: string;
  /** The input as JSON text. */
  readonly data: string;
  /** False keeps the ended task for good. */
  readonly cleanup: boolean;
  /** The id was made for this task: no other has it, and none is looked for. */
  readonly fresh?: boolean;
  /** Absent: at once. */
  readonly due?: Due;
  /** Absent: the default one. */
  readonly queue?: string;
  /** From 0, taken first, to 9. Absent: 5. */
  readonly priority?: number;
  /** Where it waits for a place under the limits of its name; absent: in the queue itself, until a worker meets it. */
  readonly lane?: string;
  /** After it no run of the task goes on, and none begins. Absent: never. */
  readonly deadline?: Due;
  /** The context of the start, for the trace of its runs. Absent: there is none. */
  readonly trace?: string;
}

/** What a producer asks of a store. Ids are usable ones: the client checks them first. */
export interface ProducerStore {
  /**
   * Writes each hash, then puts its id into its queue: to the end, by its priority, or into its lane; one that is due later waits beside it
   * until then.
   * @returns For each task whether it was enqueued: false where a task of its id waits or runs, and nothing changed.
   * @throws {StoreUnavailableError} It is not known whether the tasks were enqueued.
   */
  enqueue(tasks: readonly NewTask[]): Promise<boolean[]>;

  /**
   * Enqueues a task as the only one of its name and key, or does to the earlier one what the claim says. However many call
   * this at once, and wherever one is held up or dies, no two of them both start theirs.
   * @throws {StoreUnavailableError} It is not known whether the task was enqueued.
   */
  enqueueUnique(task: NewTask, claim: UniqueClaim): Promise<UniqueReply>;

  /**
   * Waits until a replica has tasks that were enqueued, all into one queue, so that a failover does not lose them.
   * @returns Those that none has confirmed within the time; all of them where there are no replicas.
   */
  confirmReplicated(ids: readonly string[], withinMs: number, queue?: string): Promise<string[]>;

  /**
   * Replaces the stored input; a run that goes on does not see it before it is reloaded or restarted.
   * @returns False where no task of this id exists.
   */
  setData(id: string, data: string): Promise<boolean>;

  /**
   * A running task: stores the intent and tells the worker. A waiting one: `STOPPED` at once, and the place it has in
   * the queue is used up without effect when it is reached.
   * @param onlyIn Does nothing (`unchanged`) when the task is in none of these states.
   */
  requestStop(id: string, onlyIn?: readonly TaskState[]): Promise<ControlReply>;

  /** A running task: stores the intent to run it anew with the input stored by now. Others are unchanged. */
  requestReload(id: string): Promise<ControlReply>;

  /**
   * An ended or stopped task: back into the queue. A running one: as reload. A waiting one is unchanged, and put back
   * if its place in the queue was lost on the way.
   * @param onlyIn Does nothing (`unchanged`) when the task is in none of these states.
   */
  restart(id: string, onlyIn?: readonly TaskState[]): Promise<ControlReply>;

  /**
   * Gives a task that waits for its time another one.
   * @returns `unchanged` where it does not wait for one: it is in the queue already, runs, or is over.
   */
  reschedule(id: string, due: Due): Promise<ControlReply>;

  /**
   * Deletes a task and publishes the event `remove`; a running one is stopped by its worker first.
   * @param onlyIn Does nothing (`unchanged`) when the task is in none of these states.
   */
  remove(id: string, onlyIn?: readonly TaskState[]): Promise<ControlReply>;
}

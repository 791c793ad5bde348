import type { ControlReply } from '../task/control';
import type { Due } from '../task/due';
import type { TaskState } from '../task/state';

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
}

/** What a producer asks of a store. Ids are usable ones: the client checks them first. */
export interface ProducerStore {
  /**
   * Writes each hash, then puts its id at the end of the new queue; one that is due later waits beside it until then.
   * @returns For each task whether it was enqueued: false where a task of its id waits or runs, and nothing changed.
   * @throws {StoreUnavailableError} It is not known whether the tasks were enqueued.
   */
  enqueue(tasks: readonly NewTask[]): Promise<boolean[]>;

  /**
   * Waits until a replica has tasks that were enqueued, so that a failover does not lose them.
   * @returns Those that none has confirmed within the time; all of them where there are no replicas.
   */
  confirmReplicated(ids: readonly string[], withinMs: number): Promise<string[]>;

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

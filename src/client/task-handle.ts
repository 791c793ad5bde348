import type { ControlReply } from '../task/control';
import type { Duration } from '../task/duration';
import type { TaskEvent } from '../task/event';
import type { TaskLogLine } from '../task/log-line';
import type { TaskRecord } from '../task/record';
import type { TaskState } from '../task/state';
import type { DueOptions } from './due-options';
import type { ReadLogOptions } from './read-log-options';
import type { TaskClient } from './task-client';

export interface ResultOptions {
  /** How long to wait for the end; default: as long as it takes. */
  readonly timeout?: Duration;
}

/** One task, by its id: what the client does for any id, bound to this one. Each method is the client's of its name. */
export class TaskHandle<Output = unknown> {
  constructor(
    private readonly client: TaskClient,
    readonly id: string,
    /**
     * Whether the call that gave this handle has started the task; false for an earlier task that has its unique key, and for a
     * handle on a task that was started elsewhere.
     */
    readonly isNew: boolean = false,
  ) {}

  /**
   * The value that `start` returned.
   * @throws {TaskFailedError} The task ended as ERROR or EXCEPTION.
   * @throws {TaskStoppedError} It was stopped.
   * @throws {TaskNotFoundError} It does not exist, or no longer.
   * @throws {ResultTimeoutError} It did not end in time.
   */
  result(options: ResultOptions = {}): Promise<Output> {
    return this.client.result(this.id, options) as Promise<Output>;
  }

  /** See `TaskClient.watch`. */
  watch(): AsyncGenerator<TaskEvent, void> {
    return this.client.watch(this.id);
  }

  get(): Promise<TaskRecord | undefined> {
    return this.client.get(this.id);
  }

  /**
   * What the runs of the task have logged with `task.log`, the oldest line first; none where there is no log, or no task any more.
   * @throws {ConfigurationError} `limit` is no number of lines.
   */
  log(options: ReadLogOptions = {}): Promise<TaskLogLine[]> {
    return this.client.log(this.id, options);
  }

  stop(): Promise<ControlReply> {
    return this.client.stop(this.id);
  }

  reload(): Promise<ControlReply> {
    return this.client.reload(this.id);
  }

  restart(): Promise<ControlReply> {
    return this.client.restart(this.id);
  }

  restartIfState(states: TaskState | readonly TaskState[]): Promise<ControlReply> {
    return this.client.restartIfState(this.id, states);
  }

  reschedule(when: DueOptions): Promise<ControlReply> {
    return this.client.reschedule(this.id, when);
  }

  setInput(input: object): Promise<boolean> {
    return this.client.setInput(this.id, input);
  }

  remove(): Promise<ControlReply> {
    return this.client.remove(this.id);
  }
}

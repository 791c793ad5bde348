import { type AbortReason, TaskAbortedError } from '../errors';
import type { Logger } from '../logger';
import type { Lease, OpenedRun } from '../store/worker-store';
import { encodeEvent, encodeJson, TaskEvent } from '../task/event';
import { TaskContext } from '../task/task-context';
import type { RunEnvironment } from './run-environment';
import { runLogger } from './run-logger';

/** What a run does for its context. Each resolves to false where the lease is another's by now. */
export interface RunWrites {
  emit(event: string, progress?: string): Promise<boolean>;
  heartbeat(): Promise<boolean>;
  /** Called once an event of the task's own is published. */
  emitted(event: TaskEvent): void;
}

export class RunContext extends TaskContext {
  readonly id: string;
  readonly attempt: number;
  readonly local: boolean;
  private readonly lease: Lease;
  private logger: Logger | undefined;
  // Made when first asked for: a controller costs more than all else of a short run.
  private controller: AbortController | undefined;
  private aborted: TaskAbortedError | undefined;

  constructor(
    { lease, attempt }: OpenedRun,
    readonly name: string,
    readonly input: unknown,
    private readonly writes: RunWrites,
    private readonly environment: RunEnvironment,
  ) {
    super();
    this.id = lease.id;
    this.lease = lease;
    this.attempt = attempt;
    this.local = lease.local;
  }

  get log(): Logger {
    const { lease, name, attempt, environment } = this;
    this.logger ??= runLogger(environment.logger, { lease, name, attempt }, environment.taskLogs);
    return this.logger;
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort(this.aborted);
    }
    return this.controller.signal;
  }

  /** The first reason stands. */
  abort(reason: AbortReason): void {
    if (this.aborted) return;
    this.aborted = new TaskAbortedError(this.id, reason);
    this.controller?.abort(this.aborted);
  }

  emit(event: string, data?: unknown): Promise<void> {
    return this.publish(event, data, undefined);
  }

  async progress(value: unknown): Promise<void> {
    await this.publish('progress', value, encodeJson(value, 'the progress'));
  }

  async heartbeat(): Promise<void> {
    this.throwIfLost();
    if (!(await this.writes.heartbeat())) this.throwIfLost();
  }

  private async publish(event: string, data: unknown, progress: string | undefined): Promise<void> {
    const text = encodeEvent(event, data);
    this.throwIfLost();
    if (!(await this.writes.emit(text, progress))) {
      this.throwIfLost();
      return;
    }
    this.writes.emitted(new TaskEvent(this.id, event, data ?? null, this.name));
  }

  /** A run that is merely asked to stop may still say what it has to say. */
  private throwIfLost(): void {
    if (this.aborted?.reason === 'lease-lost') throw this.aborted;
  }
}

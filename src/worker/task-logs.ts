import type { Clock } from '../clock';
import { AppClosedError } from '../errors';
import type { LogFields, Logger, LogLevel } from '../logger';
import type { Lease, WorkerStore } from '../store/worker-store';
import { encodeLogLine } from '../task/log-line';

/** What is kept in the log of a task. */
export interface TaskLogSettings {
  /** The last so many lines. */
  readonly lines: number;
  /** The lowest level. */
  readonly level: LogLevel;
}

/** A line as a run has logged it. */
export interface LoggedLine {
  readonly level: LogLevel;
  readonly attempt: number;
  readonly fields: LogFields;
  readonly message: string;
}

/** Puts what runs log into the logs of their tasks. No run waits for that, and none fails of it. */
export class TaskLogs {
  private isLosing = false;
  private followed: Promise<boolean> | undefined;

  constructor(
    readonly settings: TaskLogSettings,
    private readonly store: WorkerStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  keep(lease: Lease, line: LoggedLine): void {
    const text = encodeLogLine({ timeMs: this.clock.nowMs(), ...line });
    const written = this.store.appendLog(lease, text, this.settings.lines);
    // One promise for many lines is heard once.
    if (written === this.followed) return;
    this.followed = written;
    written.then(
      // Refused: what is no run any more has nothing to say.
      () => this.works(),
      (error: unknown) => this.fails(error),
    );
  }

  private works(): void {
    if (!this.isLosing) return;
    this.isLosing = false;
    this.logger.info({}, 'What tasks log is kept in their own logs again');
  }

  /** Told once, however many lines are lost until it works again. */
  private fails(error: unknown): void {
    if (this.isLosing || error instanceof AppClosedError) return;
    this.isLosing = true;
    this.logger.warn({ err: error }, 'What tasks log cannot be kept in their own logs: such lines are lost there');
  }
}

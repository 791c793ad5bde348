import type { Logger } from '../logger';

/**
 * What a run knows of itself and may do; `start` and `stop` receive it.
 * A class, not an interface, so that it can stand in decorated signatures of every build.
 */
export abstract class TaskContext {
  abstract readonly id: string;
  abstract readonly name: string;
  /** 1 for the first run; more when an earlier one was cut short. */
  abstract readonly attempt: number;
  /** The validated input; the same object that `start` receives. */
  abstract readonly input: unknown;
  /** True for a task of this process alone, started by `app.startLocal`. */
  abstract readonly local: boolean;
  /** Aborts with a `TaskAbortedError` whose `reason` says why: pass it on to whatever waits. */
  abstract readonly signal: AbortSignal;
  /** Carries the task's id, name and attempt in every line. */
  abstract readonly log: Logger;

  /**
   * Publishes an event on the task's channel.
   * @throws {JsonValueError} The data cannot be JSON.
   * @throws {TaskAbortedError} Another worker holds the lease by now.
   */
  abstract emit(event: string, data?: unknown): Promise<void>;

  /**
   * Stores how far the run has come and publishes it as event `progress`.
   * @param value Any JSON value: a fraction, a count, a text.
   * @throws {JsonValueError} @throws {TaskAbortedError} As `emit`.
   */
  abstract progress(value: unknown): Promise<void>;

  /**
   * Extends the lease now. The worker does so by itself; call it before and within work that blocks the event loop.
   * @throws {TaskAbortedError} Another worker holds the lease by now.
   */
  abstract heartbeat(): Promise<void>;
}

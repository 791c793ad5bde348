import type { InjectionToken } from 'tsyringe';
import type { AbortReason } from '../errors';
import type { RunTrace } from '../task/run-trace';
import type { TaskState } from '../task/state';

/** A start that is traced. */
export interface PublishSpan {
  /** The context that each of its tasks carries; undefined: none. */
  readonly trace: string | undefined;
  /** Nothing was enqueued: another task has the unique key. */
  duplicateOf(id: string): void;
  failed(error: unknown): void;
  /** @param count How many tasks were started, of a call that starts many. */
  end(count?: number): void;
}

/** A run that is traced. */
export interface RunSpan {
  /** Its context, for the next attempt to link to; undefined: none. */
  readonly trace: string | undefined;
  /** Calls code of the user's, which may find the span as the active one. */
  within<T>(code: () => T): T;
  threw(error: unknown): void;
  /** What the run has made of the task, in the store. */
  became(state: TaskState): void;
  /** Its code goes on although nobody waits for it any more. */
  leftBehind(): void;
  /** The first reason stands. */
  end(reason: 'ended' | AbortReason): void;
}

/** What a tracer is told of a start. */
export interface TracedStart {
  readonly taskName: string;
  readonly queue: string;
}

/** What a tracer is told of a run. */
export interface TracedRun {
  readonly lease: { readonly id: string; readonly local: boolean; readonly queue?: string | undefined };
  readonly name: string | undefined;
  readonly attempt: number;
  readonly trace?: RunTrace | undefined;
}

/**
 * All that the engine knows of tracing. Each method answers undefined while nobody traces: then nothing more is
 * asked, and nothing is written.
 */
export interface Tracing {
  /** @param id undefined: it starts many tasks. */
  publish(start: TracedStart, id: string | undefined): PublishSpan | undefined;
  /** @param worker Its id. */
  process(run: TracedRun, worker: string): RunSpan | undefined;
}

export const TRACING: InjectionToken<Tracing> = Symbol('taskwarden.Tracing');

export const NO_TRACING: Tracing = { publish: () => undefined, process: () => undefined };

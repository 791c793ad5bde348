import type { Logger } from '../logger';
import type { ReapReport } from '../store/supervisor-store';
import type { BegunRun, EnqueuedTasks, OverRun, TaskObserver } from './task-observer';

/** The methods of an observer. */
export const OBSERVER_METHODS = ['enqueued', 'runBegan', 'runOver', 'reaped'] as const;

/** All observers of an app, as one: what any of them throws is logged once, and no concern of who tells. */
export class Observers implements Required<TaskObserver> {
  private readonly failed = new Set<TaskObserver>();

  constructor(
    private readonly all: readonly TaskObserver[],
    private readonly logger: Logger,
  ) {}

  /** Nobody is to be told: who is on the way of every task leaves the telling out. */
  get isEmpty(): boolean {
    return this.all.length === 0;
  }

  enqueued(tasks: EnqueuedTasks): void {
    this.tell('enqueued', tasks);
  }

  runBegan(run: BegunRun): void {
    this.tell('runBegan', run);
  }

  runOver(run: OverRun): void {
    this.tell('runOver', run);
  }

  reaped(report: ReapReport): void {
    this.tell('reaped', report);
  }

  private tell<M extends (typeof OBSERVER_METHODS)[number]>(
    method: M,
    what: Parameters<Required<TaskObserver>[M]>[0],
  ): void {
    for (const observer of this.all) {
      try {
        const answer: unknown = (observer[method] as ((told: typeof what) => unknown) | undefined)?.call(
          observer,
          what,
        );
        // An `async` method fits the interface, and its rejection would end the process.
        if (answer instanceof Promise) answer.catch((error: unknown) => this.complain(observer, error));
      } catch (error) {
        this.complain(observer, error);
      }
    }
  }

  private complain(observer: TaskObserver, error: unknown): void {
    if (this.failed.has(observer)) return;
    this.failed.add(observer);
    this.logger.error({ err: error }, 'An observer threw; it is told on, and what else it throws is not logged');
  }
}

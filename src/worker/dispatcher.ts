import { type Deferred, deferred } from '../deferred';
import type { AbortReason } from '../errors';
import { inject, injectable } from '../metadata/reflection';
import { TaskRegistry } from '../metadata/task-registry';
import type { RunOutcome } from '../observing/task-observer';
import type { TakeLimits } from '../store/limits';
import type { OpenedRun } from '../store/worker-store';
import { DEFAULT_QUEUE } from '../task/queue-name';
import { runTrace } from '../task/run-trace';
import { UnderWay } from '../under-way';
import { ActiveRuns } from './active-runs';
import { Limits } from './limits';
import { ObservedRuns } from './observed-runs';
import { RunEnvironment } from './run-environment';
import type { RunEnd, RunKeeper } from './run-keeper';
import { TaskRun } from './run-task';
import { LOST, type Settled, SPAN_ENDS } from './settled';
import { type Runs, TakenIds } from './taken-ids';

/** Keeps the runs of this worker, and how many of each class there are. */
@injectable()
export class Dispatcher implements RunKeeper, Runs {
  /** What was taken and not begun. */
  readonly taken: TakenIds;
  private readonly limits: Limits;
  private readonly active = new ActiveRuns();
  /** For classes with a bound alone. */
  private readonly runsOf = new Map<string, number>();
  /** For queues with a bound alone. */
  private readonly runsFrom = new Map<string, number>();
  /** Runs whose code has not ended, local ones not counted. */
  private running = 0;
  /** Ends of runs that nobody else waits for. */
  private readonly underWay = new UnderWay();
  /** Undefined where nobody is to be told. */
  private readonly observed: ObservedRuns | undefined;
  /** Made for whoever waits for it. */
  private change: Deferred | undefined;

  constructor(
    @inject(RunEnvironment) private readonly environment: RunEnvironment,
    @inject(TaskRegistry) private readonly registry: TaskRegistry,
  ) {
    const { queues, heartbeatMs } = environment.settings;
    const { observers, clock } = environment;
    this.observed = observers && new ObservedRuns(observers, clock);
    this.limits = new Limits(registry, queues, environment.clock, heartbeatMs);
    this.taken = new TakenIds(environment, registry, this, this.limits);
    for (const { name, concurrency } of queues) {
      if (Number.isFinite(concurrency)) this.runsFrom.set(name, 0);
    }
  }

  get activeRuns(): TaskRun[] {
    return this.active.list();
  }

  /** Runs, other than local tasks, whose code goes on; those that were left behind too. */
  get runningCode(): number {
    return this.running;
  }

  isActive(id: string): boolean {
    return this.active.has(id);
  }

  /** Whether the task runs here, or is about to. */
  has(id: string): boolean {
    return this.active.has(id) || this.taken.isOpening(id);
  }

  /** The task's run; one that is about to begin is waited for, as others may have seen the task RUNNING by now. */
  async findOpened(id: string): Promise<TaskRun | undefined> {
    if (this.taken.isOpening(id)) await this.taken.opened();
    return this.active.get(id);
  }

  /** Resolves when a run has ended or been settled since. */
  changed(): Promise<void> {
    this.change ??= deferred();
    return this.change.promise;
  }

  /** Begins a run that the store has opened. */
  begin(opened: OpenedRun, onEnd?: (end: RunEnd) => void): void {
    if (opened.control) {
      this.stopAtOnce(opened);
      return;
    }
    const definition =
      opened.unknownForTooLong || opened.name === undefined ? undefined : this.registry.get(opened.name);
    const run = new TaskRun(this.environment, opened, definition, this, onEnd);
    const former = this.active.get(opened.lease.id);
    // Somebody else put the task back while it ran here: the store has fenced that run off.
    if (former) this.underWay.follow(this.interrupt(former, 'lease-lost', async () => LOST));
    this.active.set(opened.lease.id, run);
    this.count(run, 1);
    this.observed?.began(run);
    void run.execute();
  }

  codeEnded(run: TaskRun): void {
    this.count(run, -1);
    this.observed?.codeEnded(run);
    this.taken.slotFreed(run.lease.local);
    this.notify();
  }

  ended(run: TaskRun, outcome: RunOutcome): void {
    this.observed?.over(run, outcome);
    this.forget(run, outcome === 'lost' ? 'lease-lost' : 'ended');
  }

  private forget(run: TaskRun, end: RunEnd): void {
    if (this.active.get(run.lease.id) !== run) return;
    this.active.delete(run.lease.id);
    run.onEnd?.(end);
    this.notify();
  }

  /**
   * Interrupts a run, has it settled in the store, tells what became of it, and forgets it.
   * @param settle Not called where the run came to its end by itself in the meantime.
   * @param hurry Ends the wait for the run's code.
   */
  async interrupt(
    run: TaskRun,
    reason: AbortReason,
    settle: () => Promise<Settled>,
    hurry?: AbortSignal,
  ): Promise<void> {
    if (!(await run.interrupt(reason, hurry))) return;
    // Known already, and the store may be away for long.
    if (reason === 'lease-lost') this.observed?.over(run, 'lost');
    const { outcome, next } = await this.settle(run, reason, settle);
    this.observed?.over(run, outcome);
    if (next) this.replace(run, next);
    await run.dispose();
    run.span?.end(SPAN_ENDS[outcome]);
    this.forget(run, reason);
  }

  private async settle(run: TaskRun, reason: AbortReason, settle: () => Promise<Settled>): Promise<Settled> {
    try {
      return await settle();
    } catch (error) {
      const fields = { err: error, taskId: run.lease.id, reason };
      this.environment.logger.warn(fields, 'An interrupted run could not be settled: the monitor will');
      return LOST;
    }
  }

  /** Begins the next run of a task in place of an interrupted one. */
  private replace(run: TaskRun, next: OpenedRun): void {
    const { onEnd } = this.active.get(run.lease.id) ?? {};
    this.active.delete(run.lease.id);
    this.begin(followed(run, next), onEnd);
    this.notify();
  }

  /** Resolves when what goes on beside the active runs has ended. */
  async settled(): Promise<void> {
    await this.underWay.settled();
  }

  /** The stop was asked for while nobody ran the task. */
  private stopAtOnce({ lease }: OpenedRun): void {
    const stopping = this.environment.store.settleStop(lease).then(
      () => {},
      (error: unknown) => {
        this.environment.logger.warn({ err: error, taskId: lease.id }, 'A task could not be stopped: the monitor will');
      },
    );
    this.underWay.follow(stopping);
  }

  /** What a take from a queue has to know. */
  limitsOf(queue: string): TakeLimits | undefined {
    return this.limits.ofTake(queue, () => this.slots());
  }

  slots(): Map<string, number> {
    const slots = new Map<string, number>();
    for (const { name, options } of this.registry) slots.set(name, options.concurrency - (this.runsOf.get(name) ?? 0));
    return slots;
  }

  runningFrom(queue: string): number {
    return this.runsFrom.get(queue) ?? 0;
  }

  private count({ lease, definition }: TaskRun, change: 1 | -1): void {
    if (!lease.local) this.running += change;
    if (!lease.local && this.runsFrom.size > 0) {
      const queue = lease.queue ?? DEFAULT_QUEUE;
      const running = this.runsFrom.get(queue);
      if (running !== undefined) this.runsFrom.set(queue, running + change);
    }
    if (!definition || definition.options.concurrency === Number.POSITIVE_INFINITY) return;
    const { name } = definition;
    this.runsOf.set(name, (this.runsOf.get(name) ?? 0) + change);
  }

  notify(): void {
    const { change } = this;
    this.change = undefined;
    change?.resolve();
  }
}

/** A run in place of an interrupted one, which it links to. */
function followed({ span }: TaskRun, next: OpenedRun): OpenedRun {
  const former = span?.trace;
  return former === undefined ? next : { ...next, trace: runTrace(next.trace?.start, former) };
}

import { patiently } from '../backoff';
import { within } from '../clock';
import { type Deferred, deferred } from '../deferred';
import { type AbortReason, StoreUnavailableError, TaskError } from '../errors';
import { callHooks } from '../events/hooks';
import { parseInput } from '../input/parse-input';
import { type LogFields, type LogLevel, withFields } from '../logger';
import { isHeard } from '../metadata/hooks';
import type { TaskDefinition } from '../metadata/task-definition';
import type { BegunRun } from '../observing/task-observer';
import type { Lease, OpenedRun, Outcome } from '../store/worker-store';
import { TaskEvent } from '../task/event';
import { RetryError } from '../task/retry-error';
import type { TaskInstance } from '../task/task-class';
import type { RunSpan } from '../tracing/tracing';
import { UnderWay } from '../under-way';
import { compose, readyMiddleware } from './middleware';
import { outcomeOfError, outcomeOfValue, readable } from './outcome';
import { RunContext, type RunWrites } from './run-context';
import type { RunEnvironment } from './run-environment';
import type { RunEnd, RunKeeper } from './run-keeper';
import { RunScope } from './run-scope';
import { setInput, startInstance } from './task-instance';
import { timeLimitOf, withinTime } from './time-limit';
import { unknownTask } from './unknown-task';
import { type EndingRun, writeEnd } from './write-end';

/** One run of a task, from its input to its outcome. Whoever interrupts it settles it in the store instead. */
export class TaskRun implements RunWrites, EndingRun {
  readonly lease: Lease;
  readonly begunMs: number;
  /** undefined where nobody traces. */
  readonly span: RunSpan | undefined;
  /** What observers were told when it began, until they are told that it is over. */
  observed: BegunRun | undefined;
  /** On the monotonic clock; noted only where observers are to be told. */
  codeEndedMs: number | undefined;
  private codeRuns = true;
  /** Made for whoever waits for the code to end. */
  private codeEnd: Deferred | undefined;
  private phase: 'running' | 'interrupted' | 'ending' = 'running';
  private leaseEndsMs: number;
  private givenUp = false;
  /** The run has been told that its lease is lost: whatever its code made of that is no outcome. */
  private lost = false;
  private scope: RunScope | undefined;
  private context: RunContext | undefined;
  private instance: TaskInstance | undefined;
  private telling: Promise<void> | undefined;
  /** Code that goes on although its time is over. */
  private leftBehind: Promise<void> | undefined;
  /** What the run threw, once it has. */
  failure: { readonly error: unknown } | undefined;
  /** Hooks that are under way: what is injected into them is not disposed under them. */
  private hookCalls: UnderWay | undefined;
  /** The call of `onException`, if one is under way. */
  private reporting: Promise<void> | undefined;

  constructor(
    readonly environment: RunEnvironment,
    readonly opened: OpenedRun,
    readonly definition: TaskDefinition | undefined,
    private readonly keeper: RunKeeper,
    /** What else is to happen when the run is no longer active. */
    readonly onEnd: ((end: RunEnd) => void) | undefined,
  ) {
    this.lease = opened.lease;
    this.begunMs = environment.clock.monotonicMs();
    this.leaseEndsMs = this.begunMs + environment.settings.leaseMs;
    this.span = environment.tracing.process(opened, environment.workerId);
  }

  /** Whether the lease may still be ours, as far as this process can tell. */
  get mayHoldLease(): boolean {
    return this.environment.clock.monotonicMs() < this.leaseEndsMs;
  }

  /** No more repeating of writes that the store does not take: the worker leaves. */
  giveUp(): void {
    this.givenUp = true;
  }

  get interrupted(): boolean {
    return this.phase === 'interrupted';
  }

  /** Whether its code has ended by itself, and its outcome is being written. */
  get ending(): boolean {
    return this.phase === 'ending';
  }

  /** Whether a write that failed is worth another try. */
  get mayWrite(): boolean {
    return this.mayHoldLease && !this.givenUp;
  }

  /** @param sentMs When the renewal was sent, on the monotonic clock. */
  renewed(sentMs: number): void {
    this.leaseEndsMs = sentMs + this.environment.settings.leaseMs;
  }

  /** Runs the task, writes its outcome and tells the keeper; does not reject. Whoever interrupts it settles it instead. */
  async execute(): Promise<void> {
    const outcome = await (this.span ? this.span.within(() => this.outcome()) : this.outcome());
    this.codeRuns = false;
    this.codeEnd?.resolve();
    const { leftBehind } = this;
    const interrupted = this.phase === 'interrupted';
    if (!interrupted) this.phase = 'ending';
    // Until then it takes a slot.
    if (leftBehind) void leftBehind.then(() => this.keeper.codeEnded(this));
    else this.keeper.codeEnded(this);
    if (interrupted) return;
    const end = this.lost ? 'lost' : await writeEnd(this, outcome, this.failure);
    if (this.reporting) await this.reporting;
    if (this.scope?.needsDisposal || this.hookCalls) await this.dispose();
    this.span?.end(end === 'lost' ? 'lease-lost' : 'ended');
    this.keeper.ended(this, end);
  }

  /**
   * Has the run end early: aborts its signal, calls `stop`, and waits for the code to end, for the stop timeout at most.
   * @param hurry Ends the wait.
   * @returns False where the run has ended or was interrupted before: nothing is left to settle.
   */
  async interrupt(reason: AbortReason, hurry?: AbortSignal): Promise<boolean> {
    if (this.phase !== 'running') return false;
    this.phase = 'interrupted';
    const { clock, settings, logger } = this.environment;
    const work = Promise.all([this.tellToEnd(reason), this.untilCodeEnded()]);
    if (!(await within(clock, work, settings.stopTimeoutMs, hurry))) {
      const fields = { task: this.opened.name, taskId: this.lease.id, reason };
      this.span?.leftBehind();
      logger.warn(fields, 'The run did not end in time when it was asked to; it is left behind');
    }
    return true;
  }

  /** Tells the hooks of the task class of an event that the store has published. */
  async tellHooks(event: string, data: unknown = null): Promise<void> {
    const { instance, definition } = this;
    if (!instance || !definition || !this.isHeard(event)) return;
    const told = new TaskEvent(this.lease.id, event, data, definition.name);
    const call = this.within(() => callHooks(instance, definition.hooks, told, this.environment.logger));
    this.hookCalls ??= new UnderWay();
    this.hookCalls.follow(call);
    await call;
  }

  /** Disposes what was made for this run; called once it is settled. */
  async dispose(): Promise<void> {
    const { scope, hookCalls, environment } = this;
    this.scope = undefined;
    if (hookCalls && hookCalls.size > 0) {
      await within(environment.clock, hookCalls.settled(), environment.settings.stopTimeoutMs);
    }
    try {
      await scope?.dispose();
    } catch (error) {
      this.log(error, 'A service of the run could not be disposed');
    }
  }

  emit(event: string, progress?: string): Promise<boolean> {
    return this.write(() => this.environment.store.emit(this.lease, event, progress));
  }

  async heartbeat(): Promise<boolean> {
    const sentMs = this.environment.clock.monotonicMs();
    return this.write(async () => {
      const [beat] = await this.environment.store.heartbeat([this.lease], this.environment.settings.leaseMs);
      if (beat?.lost === false) this.renewed(sentMs);
      return beat?.lost === false;
    });
  }

  emitted(event: TaskEvent): void {
    void this.tellHooks(event.event, event.data);
  }

  /** For a run that has got as far as its instance. */
  make<T extends object>(wanted: new (...args: never[]) => T): T {
    return (this.scope as RunScope).make(wanted);
  }

  private async outcome(): Promise<Outcome> {
    try {
      const limit = timeLimitOf(this.definition, this.opened);
      const value = await (limit ? this.runInTime(limit) : this.runCode());
      const { outcome, error } = outcomeOfValue(value);
      if (error !== undefined) this.threw(error);
      return outcome;
    } catch (thrown) {
      const error = readable(thrown);
      this.failure = { error };
      this.threw(error);
      return outcomeOfError(error);
    }
  }

  private runInTime(limit: NonNullable<ReturnType<typeof timeLimitOf>>): Promise<unknown> {
    const { clock, settings } = this.environment;
    return withinTime(() => this.runCode(), {
      ...limit,
      clock,
      graceMs: settings.stopTimeoutMs,
      abort: () => this.tellToEnd('timed-out'),
      leave: (ended) => {
        this.leftBehind = ended;
        this.span?.leftBehind();
        this.log(undefined, 'The run did not end when its time was over; it is left behind');
      },
    });
  }

  /** What `start` returns; what comes before it throws. */
  private runCode(): unknown {
    const { definition, opened, environment } = this;
    if (!definition) throw unknownTask(opened.name, environment.settings.unknownTaskTimeoutMs);
    const input = parseInput(definition, opened.data);
    const context = new RunContext(opened, definition.name, input, this, environment);
    this.context = context;
    const scope = new RunScope(environment, context);
    this.scope = scope;
    const instance: TaskInstance = scope.make(definition.taskClass);
    this.instance = instance;
    setInput(instance, definition, input);
    if (this.phase === 'interrupted') return undefined;
    if (this.isHeard('start')) {
      void this.tellHooks('start', { task: definition.name, attempt: opened.attempt, worker: environment.workerId });
    }
    if (environment.middleware.length === 0) return startInstance(instance, definition, context);
    const middleware = readyMiddleware(environment.middleware, (wanted) => scope.make(wanted));
    return compose(middleware, context, async () => startInstance(instance, definition, context));
  }

  private async untilCodeEnded(): Promise<void> {
    if (!this.codeRuns) return;
    this.codeEnd ??= deferred();
    await this.codeEnd.promise;
  }

  /** Once: a run that is stopped while it is told that its time is over has been told. */
  private tellToEnd(reason: AbortReason): Promise<void> {
    this.telling ??= this.tell(reason);
    return this.telling;
  }

  private async tell(reason: AbortReason): Promise<void> {
    this.context?.abort(reason);
    try {
      if (this.context) await this.within(() => this.instance?.stop?.(this.context as RunContext));
    } catch (error) {
      this.log(error, 'stop() of the task threw');
    }
  }

  /** Whether the task class has a hook for an event of its own runs. */
  isHeard(event: string): boolean {
    return this.definition !== undefined && isHeard(this.definition.hooks, this.definition.name, event);
  }

  /** Repeats a write for as long as the lease may be ours; a refused one ends the run. */
  private async write(call: () => Promise<boolean>): Promise<boolean> {
    const accepted = await patiently(this.environment.clock, call, () => this.mayWrite).catch((error: unknown) => {
      // A store that was away for so long is no failure of the task: it runs again, here or elsewhere.
      if (this.phase !== 'running' || this.mayHoldLease || !(error instanceof StoreUnavailableError)) throw error;
      return false;
    });
    if (!accepted && this.phase === 'running') {
      this.lost = true;
      this.context?.abort('lease-lost');
    }
    return accepted;
  }

  private threw(error: unknown): void {
    this.span?.threw(error);
    if (error instanceof TaskError || error instanceof RetryError || this.interrupted || this.lost) return;
    const { lease, name, attempt, data } = this.opened;
    const run = { taskId: lease.id, taskName: name, attempt, data };
    this.reporting = Promise.resolve()
      .then(() => this.environment.onException(error, run))
      .then(() => {})
      .catch((thrown: unknown) => this.log(thrown, 'onException threw'));
  }

  /** Calls code of the user's that is not called by other such code. */
  private within<T>(code: () => T): T {
    return this.span ? this.span.within(code) : code();
  }

  log(err: unknown, message: string, level: LogLevel = 'error', fields: LogFields = {}): void {
    const { name: task, attempt } = this.opened;
    withFields(this.environment.logger, { task, taskId: this.lease.id, attempt })[level]({ err, ...fields }, message);
  }
}

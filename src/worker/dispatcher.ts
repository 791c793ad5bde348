import { type Deferred, deferred } from '../deferred';
import type { AbortReason } from '../errors';
import { inject, injectable } from '../metadata/reflection';
import { TaskRegistry } from '../metadata/task-registry';
import type { Opened, OpenedRun } from '../store/worker-store';
import { suggestName } from '../task/nearest-name';
import { UnderWay } from '../under-way';
import { ActiveRuns } from './active-runs';
import { RunEnvironment } from './run-environment';
import { type RunEnd, type RunKeeper, TaskRun } from './run-task';

/** After so many different names the log says no more of them. */
const MOST_UNKNOWN_NAMES = 100;

/** Keeps the runs of this worker: which are active, which wait for a slot of their class, and how many may begin. */
@injectable()
export class Dispatcher implements RunKeeper {
  private readonly active = new ActiveRuns();
  /** Taken ids whose class is at its concurrency: still in the inbox, not begun. */
  private held: { readonly id: string; readonly name: string }[] = [];
  /** Those of them that are about to be opened. */
  private returning: { readonly id: string; readonly name: string }[] = [];
  /** Counted up when all that was taken is lost: what was to be opened under an earlier one is not. */
  private claim = 0;
  /** For classes with a bound alone. */
  private readonly runsOf = new Map<string, number>();
  /** Runs whose code has not ended, local ones not counted. */
  private running = 0;
  /** Ids given to `open` whose answers are not here yet: each may become a run. */
  private toOpen = 0;
  private opening: Promise<void> = Promise.resolve();
  private beingOpened: ReadonlySet<string> = new Set();
  /** Ends of runs that nobody else waits for. */
  private readonly underWay = new UnderWay();
  private readonly unknownNames = new Set<string>();
  /** Made for whoever waits for it. */
  private change: Deferred | undefined;

  constructor(
    @inject(RunEnvironment) private readonly environment: RunEnvironment,
    @inject(TaskRegistry) private readonly registry: TaskRegistry,
  ) {}

  get freeSlots(): number {
    return Math.max(0, this.environment.settings.concurrency - this.running - this.held.length - this.toOpen);
  }

  get activeRuns(): TaskRun[] {
    return this.active.list();
  }

  /** Runs, other than local tasks, whose code goes on; those that were left behind too. */
  get runningCode(): number {
    return this.running;
  }

  /** Whether the task runs here, or is about to. */
  has(id: string): boolean {
    return this.active.has(id) || this.beingOpened.has(id);
  }

  /** The task's run; one that is about to begin is waited for, as others may have seen the task RUNNING by now. */
  async findOpened(id: string): Promise<TaskRun | undefined> {
    if (this.beingOpened.has(id)) await this.opening;
    return this.active.get(id);
  }

  /** Resolves when a run has ended or been settled since. */
  changed(): Promise<void> {
    this.change ??= deferred();
    return this.change.promise;
  }

  /** Begins the runs of taken ids. One call at a time: each decides by how many runs of a class there are. */
  open(ids: readonly string[]): Promise<void> {
    return this.openLater(ids, () => this.slotsBehindHeld());
  }

  private openLater(ids: readonly string[], slots: () => Map<string, number>): Promise<void> {
    const { claim } = this;
    this.toOpen += ids.length;
    const done = this.opening
      .then(() => (claim === this.claim ? this.openInTurn(ids, slots) : undefined))
      .finally(() => {
        this.toOpen -= ids.length;
        this.openHeld();
        this.notify();
      });
    this.opening = done.catch(() => {}); // Who called has the error.
    return done;
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
    if (former) this.underWay.follow(this.interrupt(former, 'lease-lost', async () => {}));
    this.active.set(opened.lease.id, run);
    this.count(run, 1);
    void run.execute();
  }

  codeEnded(run: TaskRun): void {
    this.count(run, -1);
    this.notify();
    this.openHeld();
  }

  ended(run: TaskRun, end: RunEnd): void {
    if (this.active.get(run.lease.id) !== run) return;
    this.active.delete(run.lease.id);
    run.onEnd?.(end);
    this.notify();
  }

  /**
   * Interrupts a run, has it settled in the store, and forgets it.
   * @param settle Not called where the run came to its end by itself in the meantime.
   * @param hurry Ends the wait for the run's code.
   */
  async interrupt(run: TaskRun, reason: AbortReason, settle: () => Promise<void>, hurry?: AbortSignal): Promise<void> {
    if (!(await run.interrupt(reason, hurry))) return;
    try {
      await settle();
    } catch (error) {
      const fields = { err: error, taskId: run.lease.id, reason };
      this.environment.logger.warn(fields, 'An interrupted run could not be settled: the monitor will');
    }
    await run.dispose();
    this.ended(run, reason);
  }

  /** Begins the next run of a task in place of an interrupted one. */
  replace(run: TaskRun, next: OpenedRun): void {
    const { onEnd } = this.active.get(run.lease.id) ?? {};
    this.active.delete(run.lease.id);
    this.begin(next, onEnd);
    this.notify();
  }

  /** Resolves when what goes on beside the active runs has ended. */
  async settled(): Promise<void> {
    await this.underWay.settled();
  }

  /** What was taken and not begun is another worker's by now, or will be taken again. */
  dropTaken(): void {
    this.held = [];
    this.returning = [];
    this.claim += 1;
  }

  /** An id with two places is opened twice, one after the other: what the second means depends on the first. */
  private async openInTurn(ids: readonly string[], slots: () => Map<string, number>): Promise<void> {
    const once = new Set(ids);
    await this.openOnce(once, slots());
    if (once.size === ids.length) return;
    const left = [...ids];
    for (const id of once) left.splice(left.indexOf(id), 1);
    await this.openInTurn(left, slots);
  }

  private async openOnce(once: ReadonlySet<string>, slots: ReadonlyMap<string, number>): Promise<void> {
    const ids = [...once];
    const { store, workerId, settings } = this.environment;
    const { leaseMs, unknownTaskTimeoutMs } = settings;
    const runHere = new Set(ids.filter((id) => this.active.has(id)));
    const request = { worker: workerId, ids, runHere, slots, leaseMs, unknownTaskTimeoutMs };
    this.beingOpened = once;
    try {
      const opened = await store.open(request);
      ids.forEach((id, position) => {
        this.dispatch(id, opened[position] as Opened);
      });
    } finally {
      this.beingOpened = new Set();
    }
  }

  private dispatch(id: string, opened: Opened): void {
    const { logger } = this.environment;
    switch (opened.kind) {
      case 'run':
        this.begin(opened);
        break;
      case 'held':
        this.held.push({ id, name: opened.name });
        break;
      case 'handed-back':
        this.warnOfUnknown(opened.name, id);
        break;
      case 'dropped':
        logger.warn(
          { taskId: id, why: opened.why },
          `Id "${id}" was in the queue, but there is nothing to run: ${opened.why}`,
        );
        break;
      case 'lapsed':
        logger.warn({ taskId: id }, 'The worker was silent for so long that others may have the task');
        break;
      default:
        logger.debug({ taskId: id }, 'A place in the queue had no effect');
    }
  }

  /** Once a name: it may be misspelt, or another worker's. */
  private warnOfUnknown(name: string, taskId: string): void {
    if (this.unknownNames.has(name) || this.unknownNames.size >= MOST_UNKNOWN_NAMES) return;
    this.unknownNames.add(name);
    const { unknownTaskTimeoutMs } = this.environment.settings;
    const suggestion = suggestName(name, this.registry.names());
    this.environment.logger.warn(
      { task: name, taskId },
      `Task "${name}" is not known here, ${suggestion} Others may take it; in ${unknownTaskTimeoutMs} ms it ends as EXCEPTION`,
    );
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

  /** Names known here -> how many more runs may begin. */
  private slots(): Map<string, number> {
    const slots = new Map<string, number>();
    for (const { name, options } of this.registry) slots.set(name, options.concurrency - (this.runsOf.get(name) ?? 0));
    return slots;
  }

  /** As `slots`, but what is held comes before what is taken. */
  private slotsBehindHeld(): Map<string, number> {
    const slots = this.slots();
    for (const { name } of [...this.held, ...this.returning]) slots.set(name, 0);
    return slots;
  }

  /** Opens what is held and has a free slot of its class by now. */
  private openHeld(): void {
    if (this.held.length === 0) return;
    const slots = this.slots();
    for (const { name } of this.returning) slots.set(name, (slots.get(name) ?? 0) - 1);
    const those = this.held.filter(({ name }) => {
      const free = slots.get(name) ?? 0;
      slots.set(name, free - 1);
      return free > 0;
    });
    if (those.length === 0) return;
    this.held = this.held.filter((one) => !those.includes(one));
    this.returning.push(...those);
    const ids = those.map((one) => one.id);
    const opened = this.openLater(ids, () => {
      this.returning = this.returning.filter((one) => !those.includes(one));
      return this.slots();
    });
    opened.catch((error: unknown) => {
      // Not lost: they are in the inbox still, and the next take finds them.
      this.environment.logger.debug({ err: error }, 'Held tasks could not be opened');
    });
  }

  private count({ lease, definition }: TaskRun, change: 1 | -1): void {
    if (!lease.local) this.running += change;
    if (!definition || definition.options.concurrency === Number.POSITIVE_INFINITY) return;
    const { name } = definition;
    this.runsOf.set(name, (this.runsOf.get(name) ?? 0) + change);
  }

  private notify(): void {
    const { change } = this;
    this.change = undefined;
    change?.resolve();
  }
}

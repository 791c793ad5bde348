import { inNextTurn, nextTurn } from '../clock';
import type { TaskRegistry } from '../metadata/task-registry';
import { MOST_TAKEN, type Opened, type OpenedRun } from '../store/worker-store';
import type { Limits } from './limits';
import { Pace } from './pace';
import { type LimitedId, Parking } from './parking';
import type { QueueShare } from './queue-shares';
import type { RunEnvironment } from './run-environment';
import { UnknownNames } from './unknown-names';

/** How long an id may wait here for a slot before others may have it. */
const LONGEST_WAIT_MS = 50;

/** What the ids have to know of the runs, and do with them. */
export interface Runs {
  /** Runs whose code has not ended, local ones not counted. */
  readonly runningCode: number;
  /** Whether a task of this id runs here. */
  isActive(id: string): boolean;
  /** Of tasks from a queue with a bound; 0 for any other. */
  runningFrom(queue: string): number;
  /** How many more runs of a class may begin, Infinity for any number: by name, for all that are known. */
  slots(): Map<string, number>;
  begin(opened: OpenedRun): void;
  /** Something has become of an id. */
  notify(): void;
}

interface TakenId {
  readonly id: string;
  readonly queue: string;
}

/** The ids that this worker has taken and not begun: those that wait for a slot, of the worker or of their class. */
export class TakenIds {
  /** For a slot of the worker, the next one first. */
  private waiting: (TakenId & { readonly sinceMs: number })[] = [];
  /** For a slot of their class; the store has told so. */
  private held: (TakenId & { readonly name: string })[] = [];
  /** Of those that wait or are being opened, those that were held -> the name of their class. */
  private readonly returned = new Map<string, string>();
  /** The queue of what is given to `open`: one at a time. */
  private openQueue = '';
  /** Given to `open`: without an answer yet, and with one that has not been acted on. */
  private asked: ReadonlySet<string> = new Set();
  private answered: ReadonlySet<string> = new Set();
  private opening: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;
  private openScheduled = false;
  private readonly pace: Pace;
  private readonly parking: Parking;
  /** Ids that no lane takes: they are opened whatever their limits. */
  private readonly exempt = new Set<string>();
  private readonly unknown: UnknownNames;

  constructor(
    private readonly environment: RunEnvironment,
    registry: TaskRegistry,
    private readonly runs: Runs,
    private readonly limits: Limits,
  ) {
    this.pace = new Pace(environment.clock);
    this.unknown = new UnknownNames(environment, registry);
    this.parking = new Parking(environment, limits);
  }

  /** How many more runs may begin, what waits not counted. */
  get freeSlots(): number {
    const taken = this.runs.runningCode + this.held.length + this.asked.size + this.answered.size + this.parking.size;
    return Math.max(0, this.environment.settings.concurrency - taken);
  }

  /**
   * How many ids more are of use: for free slots, and as many as runs are about to end. Those are taken when half of them
   * are used up, so that not every run costs a look at the queue.
   */
  get room(): number {
    const surplus = this.waiting.length - this.freeSlots;
    const ahead = this.pace.perWindow;
    return surplus > ahead / 2 ? 0 : Math.max(0, ahead - surplus);
  }

  /** How many ids of a queue may be taken, as far as its own bound goes. */
  roomOf({ name, concurrency }: QueueShare): number {
    if (concurrency === Number.POSITIVE_INFINITY) return concurrency;
    const own = ({ queue }: TakenId) => queue === name;
    const opening = name === this.openQueue ? this.asked.size + this.answered.size : 0;
    const taken = this.waiting.filter(own).length + this.held.filter(own).length + opening;
    return Math.max(0, concurrency - taken - this.runs.runningFrom(name));
  }

  /** Whether some wait for a slot of the worker, or to be opened. */
  get hasWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** In how many milliseconds the first that has no slot has waited for too long; Infinity where there is none. */
  get msUntilOverdue(): number {
    const first = this.waiting[this.freeSlots];
    if (!first) return Number.POSITIVE_INFINITY;
    return Math.max(0, first.sinceMs + LONGEST_WAIT_MS - this.environment.clock.monotonicMs());
  }

  /** Whether its run is about to begin. */
  isOpening(id: string): boolean {
    return this.asked.has(id) || this.answered.has(id);
  }

  add(ids: readonly string[], queue: string): void {
    const sinceMs = this.environment.clock.monotonicMs();
    for (const id of ids) this.waiting.push({ id, queue, sinceMs });
    this.openNext();
  }

  /**
   * Where the first that has no slot has waited for too long, forgets all that have none and answers with them: others may
   * have them, in their order; by queue.
   */
  dropOverdue(): ReadonlyMap<string, readonly string[]> {
    const byQueue = new Map<string, string[]>();
    if (this.msUntilOverdue > 0) return byQueue;
    for (const { id, queue } of this.waiting.splice(this.freeSlots)) {
      this.returned.delete(id);
      byQueue.set(queue, [...(byQueue.get(queue) ?? []), id]);
    }
    return byQueue;
  }

  /** What was taken and not begun, of one queue or of all, is another worker's by now, or will be taken again. */
  drop(of?: string): void {
    const stays = ({ queue }: TakenId) => of !== undefined && queue !== of;
    this.held = this.held.filter(stays);
    this.waiting = this.waiting.filter(stays);
    for (const id of this.returned.keys()) {
      if (!this.waiting.some((one) => one.id === id)) this.returned.delete(id);
    }
  }

  /** A run has ended: what this turn of the event loop frees is opened in one go. */
  slotFreed(local: boolean): void {
    // A local task has a slot of its class, but none of the worker.
    if (!local) this.pace.ended();
    this.returnHeld();
    if (this.openScheduled || this.waiting.length === 0) return;
    this.openScheduled = true;
    inNextTurn(() => {
      this.openScheduled = false;
      this.openNext();
    });
  }

  /** Resolves when what is being opened just now has begun. */
  async opened(): Promise<void> {
    await this.opening;
    await this.parking.settled();
  }

  /** @throws What has failed since the last call: ids could not be opened. They are in the inbox still, and the next take finds them. */
  throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure.error;
  }

  /**
   * Opens what there is a slot for. One call at a time, with half the slots at most: while the store works at one, the
   * runs of the other go on.
   * @param before The call whose answer is here, and is acted on first.
   * @returns Whether a call was made.
   */
  openNext(before?: Promise<void>): boolean {
    if (this.opening) return false;
    const ids = this.next(Math.min(this.freeSlots, Math.ceil(this.environment.settings.concurrency / 2), MOST_TAKEN));
    if (ids.size === 0) return false;
    this.asked = ids;
    this.opening = this.open(ids, before).finally(() => this.runs.notify());
    return true;
  }

  /**
   * Those of one queue. An id with two places is opened twice, one after the other: what the second means depends on the first.
   */
  private next(most: number): ReadonlySet<string> {
    const ids = new Set<string>();
    const [first] = this.waiting;
    // While an answer is acted on, what is opened is of one queue still.
    if (first && this.answered.size > 0 && first.queue !== this.openQueue) return ids;
    this.openQueue = first?.queue ?? this.openQueue;
    for (const { id, queue } of this.waiting) {
      if (ids.size === most || ids.has(id) || queue !== this.openQueue) break;
      ids.add(id);
    }
    this.waiting.splice(0, ids.size);
    return ids;
  }

  private async open(ids: ReadonlySet<string>, before: Promise<void> | undefined): Promise<void> {
    const { store, workerId: worker, settings } = this.environment;
    const { leaseMs, unknownTaskTimeoutMs } = settings;
    const slots = this.runs.slots();
    const list = [...ids];
    const queue = this.openQueue;
    // What is answered and not acted on yet runs here too.
    const runHere = new Set(list.filter((id) => this.runs.isActive(id) || this.answered.has(id)));
    let opened: Opened[] | undefined;
    try {
      const limited = this.limits.names(queue);
      const limits = limited && { limited, exempt: this.exempt };
      const timed = this.environment.observers !== undefined;
      const request = { worker, queue, ids: list, runHere, slots, leaseMs, unknownTaskTimeoutMs, timed };
      opened = await store.open({ ...request, ...limits });
    } catch (error) {
      this.failure ??= { error };
      for (const id of ids) this.returned.delete(id);
    }
    // The embedded store may answer before the former answer has been acted on.
    await before;
    const own = this.opening;
    this.asked = new Set();
    this.opening = undefined;
    if (!opened) return;
    this.answered = ids;
    // Before the runs begin, unless the next call has to know how many of a class they are.
    if (![...slots.values()].some(Number.isFinite) && this.openNext(own)) await nextTurn();
    const limited: LimitedId[] = [];
    for (const [position, id] of list.entries()) {
      const one = opened[position] as Opened;
      if (one.kind === 'limited') limited.push({ ...one, id });
      this.dispatch(id, one);
    }
    if (limited.length > 0) this.park(queue, limited);
    this.answered = new Set();
    // A run of its class may have ended in the meantime.
    this.returnHeld();
    this.openNext();
  }

  private park(queue: string, limited: readonly LimitedId[]): void {
    const open = (id: string, isExempt: boolean) => {
      if (isExempt) this.exempt.add(id);
      this.waiting.unshift({ id, queue, sinceMs: this.environment.clock.monotonicMs() });
      this.slotFreed(true);
    };
    const failed = (error: unknown) => {
      this.failure ??= { error };
      this.runs.notify();
    };
    this.parking.park(queue, limited, open, failed);
  }

  private dispatch(id: string, opened: Opened): void {
    const { logger } = this.environment;
    this.returned.delete(id);
    if (opened.kind === 'limited') return;
    this.exempt.delete(id);
    switch (opened.kind) {
      case 'run':
        this.runs.begin(opened);
        break;
      case 'held':
        this.held.push({ id, queue: this.openQueue, name: opened.name });
        break;
      case 'handed-back':
        this.unknown.warn(opened.name, id);
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

  /** Held ids that have a slot of their class by now come before all that wait. */
  private returnHeld(): void {
    if (this.held.length === 0) return;
    const slots = this.runs.slots();
    const use = (name: string) => {
      const free = slots.get(name) ?? 0;
      slots.set(name, free - 1);
      return free > 0;
    };
    for (const name of this.returned.values()) use(name);
    const returning = this.held.filter(({ name }) => use(name));
    if (returning.length === 0) return;
    this.held = this.held.filter((one) => !returning.includes(one));
    for (const { id, name } of returning) this.returned.set(id, name);
    const sinceMs = this.environment.clock.monotonicMs();
    this.waiting.unshift(...returning.map(({ id, queue }) => ({ id, queue, sinceMs })));
  }
}

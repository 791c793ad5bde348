import { setMaxListeners } from 'node:events';
import { Backoff, patiently } from '../backoff';
import { within } from '../clock';
import { EVENT_BUS, type EventBus } from '../events/event-bus';
import { PatientSubscription } from '../events/patient-subscription';
import { HealthBoard } from '../health';
import { inject, injectable } from '../metadata/reflection';
import { ControlListener } from './control-listener';
import { Dispatcher } from './dispatcher';
import { Heartbeat } from './heartbeat';
import { LocalTasks } from './local-tasks';
import { QueueLooks } from './queue-looks';
import { QueueShares } from './queue-shares';
import { RunControl } from './run-control';
import { RunEnvironment } from './run-environment';
import type { TaskRun } from './run-task';
import { giveBack } from './settled';

/** How long one look for a new task may block: a worker that died in it holds its place for so long. */
const LONGEST_WAIT_MS = 2_000;
/** What cannot be given back for so long is left to the monitor: a connection that was just lost is back by then. */
const MOMENT_MS = 1_000;
/** After a failure: whether tasks can be taken again is to be known soon, but a look alone would not try the blocking connection. */
const TRIAL_WAIT_MS = 50;

/** Takes tasks and runs them until it is stopped, whatever happens to the store. */
@injectable()
export class Worker {
  private readonly leaving = new AbortController();
  private readonly hurrying = new AbortController();
  /** Ends the wait for an id: the worker leaves, or an id is due sooner than was known when it began. */
  private waiting = new AbortController();
  private readonly waking: PatientSubscription;
  private loop: Promise<void> | undefined;
  private readonly looks: QueueLooks;
  /** The last take found less than it asked for, and nothing has changed since. */
  private nothingMore = false;
  private stopped: Promise<void> | undefined;

  constructor(
    @inject(RunEnvironment) private readonly environment: RunEnvironment,
    @inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @inject(Heartbeat) private readonly heartbeat: Heartbeat,
    @inject(ControlListener) private readonly listener: ControlListener,
    @inject(RunControl) private readonly control: RunControl,
    @inject(LocalTasks) private readonly locals: LocalTasks,
    @inject(HealthBoard) private readonly board: HealthBoard,
    @inject(EVENT_BUS) bus: EventBus,
  ) {
    const health = board.part('wake', {
      fails: 'Tasks that are due early may begin late: what tells of them cannot be heard; trying again until it can',
      works: 'Tasks that are due early are heard of',
    });
    // As many runs listen to it as are under way.
    setMaxListeners(0, this.hurrying.signal);
    const wake = () => this.waiting.abort();
    const queues = new QueueShares(environment.settings.queues, environment.random);
    this.looks = new QueueLooks(environment, queues, dispatcher.taken, (queue) => dispatcher.limitsOf(queue));
    this.waking = new PatientSubscription(environment.clock, () => bus.onWake(queues.names, wake), health);
  }

  /** Runs whose code has not ended. */
  get runningCode(): number {
    return this.dispatcher.runningCode;
  }

  /** Resolves when it takes tasks; while the store is away it goes on trying. */
  async start(): Promise<void> {
    if (this.loop || this.leaving.signal.aborted) return;
    this.heartbeat.start();
    this.loop = this.takeUntilStopped();
    // Not waited for: without it a task that is due early begins a little late.
    this.waking.start().catch(() => {});
    await this.listener.start();
  }

  /**
   * Takes no more tasks, lets runs go on for the grace period, then stops the rest and puts them back into the queue.
   * Resolves when nothing of it runs any more, except for code that would not stop.
   */
  stop(): Promise<void> {
    this.stopped ??= this.leave();
    return this.stopped;
  }

  /** Leaves now: no more grace, and no more waiting for code that is to stop. */
  hurry(): void {
    this.hurrying.abort();
  }

  private async takeUntilStopped(): Promise<void> {
    const { signal } = this.leaving;
    const health = this.board.part('worker', {
      fails: 'No tasks can be taken; trying again until they can',
      works: 'Taking tasks again',
    });
    const { taken } = this.dispatcher;
    const backoff = new Backoff(this.environment.clock);
    while (!signal.aborted) {
      this.environment.pulse.takeLoopMs = this.environment.clock.monotonicMs();
      try {
        taken.throwFailure();
        const hasTaken = await this.step(backoff.failing ? TRIAL_WAIT_MS : this.longestWaitMs);
        if (!hasTaken) continue;
        health.works();
        backoff.succeed();
      } catch (error) {
        health.fails(error);
        await backoff.fail(signal);
      }
    }
    // What is held, or waits, goes back with the inbox.
    taken.drop();
    await taken.opened();
  }

  /**
   * Takes ids that there is room for, or waits until there is some.
   * @returns Whether it has asked the store.
   */
  private async step(longestWaitMs: number): Promise<boolean> {
    const { store, workerId: worker } = this.environment;
    const { taken } = this.dispatcher;
    const { signal } = this.leaving;
    taken.openNext();
    for (const [queue, ids] of taken.dropOverdue()) await store.putBack(worker, ids, queue);
    const isBusy = taken.freeSlots === 0 || taken.hasWaiting;
    const limit = isBusy && this.nothingMore ? 0 : Math.min(taken.room, this.looks.room);
    const { msUntilRenewal } = this.looks;
    if (limit === 0 && msUntilRenewal > 0) {
      await this.untilChange(Math.min(msUntilRenewal, taken.msUntilOverdue), signal);
      this.nothingMore = false;
      return false;
    }
    // Before a wait: what is handed back is to be known to the take.
    if (this.nothingMore) await taken.opened();
    // With nothing to take it only tells that this worker is alive.
    const waitMs = limit === 0 || isBusy ? 0 : longestWaitMs;
    if (waitMs > 0 && this.waiting.signal.aborted && !signal.aborted) this.waiting = new AbortController();
    const { waiting } = this;
    if (waitMs > 0 && this.looks.isAtBound) void this.dispatcher.changed().then(() => waiting.abort());
    this.nothingMore = await this.looks.look({ limit, waitMs }, waiting.signal);
    return true;
  }

  /** Short beside the time limit of a claim too: what a wait brings at its end is still to be begun. */
  private get longestWaitMs(): number {
    return Math.min(LONGEST_WAIT_MS, this.environment.settings.leaseMs / 4);
  }

  private async leave(): Promise<void> {
    this.locals.stop();
    this.leaving.abort();
    this.waiting.abort();
    await this.loop;
    const { clock, store, workerId, logger, settings } = this.environment;
    const leaving = patiently(clock, () => store.leave(workerId), this.forAMoment());
    await leaving.catch((error: unknown) => {
      logger.warn({ err: error }, 'What this worker had taken could not be given back: the monitor will');
    });
    await this.grace();
    await Promise.all([this.listener.stop(), this.waking.stop()]);
    // A stop or reload that has just begun takes the stop timeout, and some calls of the store.
    await within(clock, this.control.stop(), 2 * settings.stopTimeoutMs, this.hurrying.signal);
    await Promise.all(this.dispatcher.activeRuns.map((run) => this.giveBack(run)));
    await this.waitFor(() => this.dispatcher.activeRuns.length > 0, settings.stopTimeoutMs, this.hurrying.signal);
    for (const run of this.dispatcher.activeRuns) run.giveUp();
    await this.dispatcher.settled();
    await this.heartbeat.stop();
  }

  /** Until no code runs but that of local tasks, or the grace period is over. */
  private async grace(): Promise<void> {
    const { settings, logger } = this.environment;
    const left = () => this.dispatcher.activeRuns.filter((run) => !run.lease.local && !run.ending).length;
    if (left() === 0 || settings.graceMs === 0) return;
    const fields = { runs: left(), graceMs: settings.graceMs };
    logger.info(fields, 'Leaving: no more tasks are taken, runs may go on for the grace period');
    await this.waitFor(() => left() > 0, settings.graceMs, this.hurrying.signal);
  }

  /** Waits while the condition holds, `longestMs` at most. */
  private async waitFor(condition: () => boolean, longestMs: number, hurry?: AbortSignal): Promise<void> {
    const { clock } = this.environment;
    const endsMs = clock.monotonicMs() + longestMs;
    while (condition() && !hurry?.aborted && clock.monotonicMs() < endsMs) {
      await this.untilChange(endsMs - clock.monotonicMs(), hurry);
    }
  }

  /** Until a run has ended, the time has passed, or the signal aborts. */
  private async untilChange(longestMs: number, signal?: AbortSignal): Promise<void> {
    await within(this.environment.clock, this.dispatcher.changed(), longestMs, signal);
  }

  /** Whether a call is worth another try, from now on. */
  private forAMoment(): () => boolean {
    const { clock } = this.environment;
    const endsMs = clock.monotonicMs() + MOMENT_MS;
    return () => clock.monotonicMs() < endsMs && !this.hurrying.signal.aborted;
  }

  private giveBack(run: TaskRun): Promise<void> {
    const goOn = this.forAMoment();
    return this.dispatcher.interrupt(run, 'shutting-down', () => giveBack(run, goOn), this.hurrying.signal);
  }
}

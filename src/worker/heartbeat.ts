import { patiently } from '../backoff';
import { sleep } from '../clock';
import { HealthBoard, type HealthPart } from '../health';
import { inject, injectable } from '../metadata/reflection';
import type { Beat } from '../store/worker-store';
import { Dispatcher } from './dispatcher';
import { RunControl } from './run-control';
import { RunEnvironment } from './run-environment';
import type { TaskRun } from './run-task';
import { LOST, type Settled } from './settled';

/** After a beat that failed the next is due sooner: a lease that was not renewed runs out. */
const LONGEST_RETRY_MS = 500;

/** Keeps the leases of all active runs, and learns from the answers what pub/sub may have lost. */
@injectable()
export class Heartbeat {
  private stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private readonly health: HealthPart;

  constructor(
    @inject(RunEnvironment) private readonly environment: RunEnvironment,
    @inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @inject(RunControl) private readonly control: RunControl,
    @inject(HealthBoard) board: HealthBoard,
  ) {
    this.health = board.part('heartbeat', {
      fails: 'Leases cannot be renewed: a run whose lease runs out is aborted',
      works: 'Leases are renewed again',
    });
  }

  start(): void {
    this.loop ??= this.beatUntilStopped();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async beatUntilStopped(): Promise<void> {
    const { clock, settings, logger, pulse } = this.environment;
    let lastMs = clock.monotonicMs();
    let waitMs = settings.heartbeatMs;
    while (!this.stopping.signal.aborted) {
      await sleep(clock, waitMs, this.stopping.signal);
      const nowMs = clock.monotonicMs();
      pulse.beatLoopMs = nowMs;
      const lateMs = nowMs - lastMs - waitMs;
      if (lateMs > settings.leaseMs) {
        logger.warn(
          { lateMs },
          'The event loop was blocked, or the process paused, for longer than the lease: runs may have been given away',
        );
      }
      const beaten = await this.beat();
      waitMs = beaten ? settings.heartbeatMs : Math.min(settings.heartbeatMs, LONGEST_RETRY_MS);
      lastMs = clock.monotonicMs();
      if (beaten) pulse.beatenMs = lastMs;
    }
  }

  /** @returns Whether every lease there is was asked to be renewed. */
  private async beat(): Promise<boolean> {
    const { clock, store, settings } = this.environment;
    const runs = this.dispatcher.activeRuns;
    if (runs.length === 0) {
      this.health.ends();
      return true;
    }
    const sentMs = clock.monotonicMs();
    try {
      const beats = await store.heartbeat(
        runs.map((run) => run.lease),
        settings.leaseMs,
      );
      runs.forEach((run, position) => {
        this.answer(run, beats[position] as Beat, sentMs);
      });
      this.health.works();
      return true;
    } catch (error) {
      this.health.fails(error);
      for (const run of runs) if (!run.mayHoldLease) this.lose(run);
      return false;
    }
  }

  private answer(run: TaskRun, beat: Beat, sentMs: number): void {
    if (beat.lost) {
      this.lose(run);
      return;
    }
    run.renewed(sentMs);
    if (beat.control === undefined) return;
    this.control.obey(run.lease.id, beat.control).catch((error: unknown) => {
      // The intent is stored: the next heartbeat brings it again.
      this.environment.logger.warn({ err: error, taskId: run.lease.id }, 'A control message could not be obeyed yet');
    });
  }

  private lose(run: TaskRun): void {
    // A run that has just ended, or is being stopped, may hold no lease any more.
    if (run.ending || run.interrupted) return;
    this.environment.logger.warn(
      { taskId: run.lease.id, task: run.opened.name },
      'The lease of the run is lost: it is aborted',
    );
    void this.dispatcher.interrupt(run, 'lease-lost', () => this.giveBack(run));
  }

  /** The store may think otherwise, and hold the lease for ours: then others need not wait until it lapses. */
  private async giveBack({ lease }: TaskRun): Promise<Settled> {
    const { clock, store, settings } = this.environment;
    const endsMs = clock.monotonicMs() + settings.leaseMs;
    const goOn = () => !this.stopping.signal.aborted && clock.monotonicMs() < endsMs;
    const call = () => (lease.local ? store.discardLocal(lease) : store.requeue([lease]));
    await patiently<unknown>(clock, call, goOn);
    return LOST;
  }
}

import { CLOCK, type Clock } from '../clock';
import { Inject } from '../decorators/injection';
import { Task } from '../decorators/task';
import { HealthBoard } from '../health';
import { LOGGER, type Logger } from '../logger';
import { Observers } from '../observing/observers';
import type { ReapReport, SupervisorStore } from '../store/supervisor-store';
import { TASK_STORE } from '../store/task-store';
import { TaskContext } from '../task/task-context';
import { WORKER_ID } from '../worker/worker-settings';
import { OrphanScan } from './orphan-scan';
import { repeat } from './repeat';
import { StoreContact } from './store-contact';
import { SUPERVISION_SETTINGS, type SupervisionSettings } from './supervision-settings';

/** Finds what dead workers left half done, and mends it: once an interval, whichever worker's monitor gets to it. */
@Task('taskwarden/monitor')
export class Monitor {
  constructor(
    @Inject(TASK_STORE) private readonly store: SupervisorStore,
    @Inject(SUPERVISION_SETTINGS) private readonly settings: SupervisionSettings,
    @Inject(WORKER_ID) private readonly workerId: string,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthBoard) private readonly board: HealthBoard,
    @Inject(OrphanScan) private readonly orphans: OrphanScan,
    @Inject(StoreContact) private readonly contact: StoreContact,
    @Inject(Observers) private readonly observers: Observers,
  ) {}

  async start(task: TaskContext): Promise<void> {
    const health = this.board.part('monitor', {
      fails: 'The monitor cannot do its work; it goes on trying',
      works: 'The monitor works again',
    });
    const { monitorIntervalMs: intervalMs } = this.settings;
    const passes = repeat({ step: () => this.step(), intervalMs, health }, this.clock, task.signal);
    await Promise.all([passes, this.orphans.run(task.signal)]);
  }

  private async step(): Promise<number> {
    const { monitorIntervalMs, taskTimeoutMs, maxCrashes } = this.settings;
    const anothersMs = await this.store.elect('monitor', this.workerId, monitorIntervalMs);
    this.contact.note(this.clock.monotonicMs(), Math.max(2 * monitorIntervalMs, taskTimeoutMs / 2));
    if (anothersMs > 0) return anothersMs;
    // Where the store was away for long, all leases have lapsed, and nobody need have died.
    this.report(await this.store.reap(taskTimeoutMs, maxCrashes, !this.contact.wasLost));
    this.contact.passed();
    return monitorIntervalMs;
  }

  private report(mended: ReapReport): void {
    const counts = Object.entries(mended).map(([part, ids]) => [part, (ids as readonly string[]).length] as const);
    const found = counts.filter(([, count]) => count > 0);
    if (found.length === 0) return;
    this.logger.warn(Object.fromEntries(found), 'The monitor mended what dead workers had left');
    this.observers.reaped(mended);
  }
}

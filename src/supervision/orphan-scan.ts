import { CLOCK, type Clock, sleep } from '../clock';
import { Inject, Injectable } from '../decorators/injection';
import { HealthBoard } from '../health';
import { LOGGER, type Logger } from '../logger';
import type { SupervisorStore } from '../store/supervisor-store';
import { TASK_STORE } from '../store/task-store';
import { WORKER_ID } from '../worker/worker-settings';
import { repeat } from './repeat';
import { SUPERVISION_SETTINGS, type SupervisionSettings } from './supervision-settings';

/** Brings back tasks that no queue and no set knows: one worker at a time, and only where it is asked for. */
@Injectable()
export class OrphanScan {
  constructor(
    @Inject(TASK_STORE) private readonly store: SupervisorStore,
    @Inject(SUPERVISION_SETTINGS) private readonly settings: SupervisionSettings,
    @Inject(WORKER_ID) private readonly workerId: string,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthBoard) private readonly board: HealthBoard,
  ) {}

  /** Scans until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { orphanScanMs } = this.settings;
    if (orphanScanMs === undefined) return;
    const health = this.board.part('orphan-scan', {
      fails: 'Orphans cannot be searched for; it goes on trying',
      works: 'Orphans are searched for again',
    });
    await repeat({ step: () => this.step(orphanScanMs, signal), intervalMs: orphanScanMs, health }, this.clock, signal);
  }

  private async step(intervalMs: number, signal: AbortSignal): Promise<number> {
    const anothersMs = await this.store.elect('orphans', this.workerId, intervalMs);
    if (anothersMs > 0) return anothersMs;
    const { found } = await this.store.adoptOrphans(new Set());
    if (found.size === 0) return intervalMs;
    // What is on its way just now is not for as long as a worker may be silent.
    await sleep(this.clock, this.settings.taskTimeoutMs, signal);
    if (signal.aborted) return intervalMs;
    const { adopted } = await this.store.adoptOrphans(found);
    if (adopted.length > 0)
      this.logger.warn({ taskIds: adopted.slice(0, 100) }, `Brought back ${adopted.length} orphans`);
    return intervalMs;
  }
}

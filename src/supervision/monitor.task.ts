import { CLOCK, type Clock } from '../clock';
import { Inject } from '../decorators/injection';
import { Task } from '../decorators/task';
import { HealthBoard } from '../health';
import { LOGGER, type Logger } from '../logger';
import type { ReapReport, SupervisorStore } from '../store/supervisor-store';
import { TASK_STORE } from '../store/task-store';
import { TaskContext } from '../task/task-context';
import { repeat } from './repeat';
import { SUPERVISION_SETTINGS, type SupervisionSettings } from './supervision-settings';

/** Finds what dead workers left half done, and mends it: first at once, then each interval. */
@Task('taskwarden/monitor')
export class Monitor {
  constructor(
    @Inject(TASK_STORE) private readonly store: SupervisorStore,
    @Inject(SUPERVISION_SETTINGS) private readonly settings: SupervisionSettings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthBoard) private readonly board: HealthBoard,
  ) {}

  start(task: TaskContext): Promise<void> {
    const step = async () => {
      this.report(await this.store.reap(this.settings.taskTimeoutMs));
      return false;
    };
    const health = this.board.part('monitor', {
      fails: 'The monitor cannot do its work; it goes on trying',
      works: 'The monitor works again',
    });
    return repeat({ step, intervalMs: this.settings.monitorIntervalMs, health }, this.clock, task.signal);
  }

  private report(mended: ReapReport): void {
    const counts = Object.entries(mended).map(([part, ids]) => [part, (ids as readonly string[]).length] as const);
    const found = counts.filter(([, count]) => count > 0);
    if (found.length > 0) this.logger.warn(Object.fromEntries(found), 'The monitor mended what dead workers had left');
  }
}

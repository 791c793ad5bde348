import { CLOCK, type Clock, sleep } from '../clock';
import { Inject } from '../decorators/injection';
import { Task } from '../decorators/task';
import { LOGGER, type Logger } from '../logger';
import type { ReapReport, SupervisorStore } from '../store/supervisor-store';
import { TASK_STORE } from '../store/task-store';
import { TaskContext } from '../task/task-context';
import { SUPERVISION_SETTINGS, type SupervisionSettings } from './supervision-settings';

/** Finds what dead workers left half done, and mends it: first at once, then each interval. */
@Task('taskwarden/monitor')
export class Monitor {
  constructor(
    @Inject(TASK_STORE) private readonly store: SupervisorStore,
    @Inject(SUPERVISION_SETTINGS) private readonly settings: SupervisionSettings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(task: TaskContext): Promise<void> {
    let failing = false;
    while (!task.signal.aborted) {
      try {
        this.report(await this.store.reap(this.settings.taskTimeoutMs));
        failing = false;
      } catch (error) {
        if (!failing) this.logger.warn({ err: error }, 'The monitor cannot do its work; it goes on trying');
        failing = true;
      }
      await sleep(this.clock, this.settings.monitorIntervalMs, task.signal);
    }
  }

  private report(mended: ReapReport): void {
    const counts = Object.entries(mended).map(([part, ids]) => [part, (ids as readonly string[]).length] as const);
    const found = counts.filter(([, count]) => count > 0);
    if (found.length > 0) this.logger.warn(Object.fromEntries(found), 'The monitor mended what dead workers had left');
  }
}

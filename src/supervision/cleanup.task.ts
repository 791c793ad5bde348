import { patiently } from '../backoff';
import { CLOCK, type Clock } from '../clock';
import { Inject } from '../decorators/injection';
import { Task } from '../decorators/task';
import { HealthBoard } from '../health';
import { LOGGER, type Logger } from '../logger';
import type { SupervisorStore } from '../store/supervisor-store';
import { TASK_READER, type TaskReader } from '../store/task-reader';
import { TASK_STORE } from '../store/task-store';
import type { TaskRecord } from '../task/record';
import { isEndState } from '../task/state';
import { TaskContext } from '../task/task-context';
import { WORKER_ID } from '../worker/worker-settings';
import { repeat } from './repeat';
import {
  CLEANUP_HANDLER,
  type CleanupHandler,
  NO_HANDLER,
  SUPERVISION_SETTINGS,
  type SupervisionSettings,
} from './supervision-settings';

const TASKS_A_STEP = 250;

/** Takes ended tasks from the end queue, hands each to the handler, and lets it expire after its retention. */
@Task('taskwarden/cleanup')
export class Cleanup {
  constructor(
    @Inject(TASK_STORE) private readonly store: SupervisorStore,
    @Inject(TASK_READER) private readonly reader: TaskReader,
    @Inject(CLEANUP_HANDLER) private readonly handler: CleanupHandler,
    @Inject(SUPERVISION_SETTINGS) private readonly settings: SupervisionSettings,
    @Inject(WORKER_ID) private readonly workerId: string,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthBoard) private readonly board: HealthBoard,
  ) {}

  async start(task: TaskContext): Promise<void> {
    // A full step means that there is more: no pause.
    const { cleanupIntervalMs: intervalMs } = this.settings;
    const step = async () => ((await this.step(task.signal)) === TASKS_A_STEP ? 0 : intervalMs);
    const health = this.board.part('cleanup', {
      fails: 'Ended tasks cannot be cleaned up; it goes on trying',
      works: 'Ended tasks are cleaned up again',
    });
    await repeat({ step, intervalMs, health }, this.clock, task.signal);
    await this.store.leaveEnded(this.workerId);
  }

  private async step(signal: AbortSignal): Promise<number> {
    const ids = await this.store.takeEnded(this.workerId, TASKS_A_STEP, this.settings.taskTimeoutMs);
    if (this.handler !== NO_HANDLER) await this.handleAll(ids, signal);
    const { keepSuccessMs: successMs, keepFailureMs: failureMs } = this.settings;
    await this.store.settleEnded(this.workerId, ids, { successMs, failureMs });
    return ids.length;
  }

  /** A task may stand there twice: its worker died, or was cut off, between the end queue and the active set. */
  private async handleAll(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const records = await patiently(
      this.clock,
      () => this.reader.get([...new Set(ids)]),
      () => !signal.aborted,
    );
    await Promise.all(records.map((task) => task && isEndState(task.state) && this.handle(task)));
  }

  private async handle(task: TaskRecord): Promise<void> {
    try {
      await this.handler.handle(task);
    } catch (error) {
      this.logger.error({ err: error, taskId: task.id, task: task.name }, 'The cleanup handler threw');
    }
  }
}

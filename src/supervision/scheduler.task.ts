import { CLOCK, type Clock } from '../clock';
import { Inject } from '../decorators/injection';
import { Task } from '../decorators/task';
import { ConfigurationError } from '../errors';
import { HealthBoard } from '../health';
import { planFirings } from '../schedule/plan-firings';
import { firingId, type Schedule } from '../schedule/schedule';
import type { NewTask } from '../store/producer-store';
import type { DueSchedule, ScheduleStore } from '../store/schedule-store';
import type { SupervisorStore } from '../store/supervisor-store';
import { TASK_READER, type TaskReader } from '../store/task-reader';
import { TASK_STORE } from '../store/task-store';
import { TaskContext } from '../task/task-context';
import { WORKER_ID } from '../worker/worker-settings';
import { DeclaredSchedules } from './declared-schedules';
import { repeat } from './repeat';

/** For how long one worker does this for all; so long at most nobody does where it died. */
const DUTY_MS = 2_000;
/** Between two looks at what is due: a schedule that is added meanwhile is seen within that time. */
const LOOK_MS = 1_000;
/** For how long a firing is one scheduler's to make: some commands. Another makes it later if it died. */
const CLAIM_MS = 5_000;

/** Starts the tasks of schedules whose time has come: one worker at a time looks, and it does no harm if two do. */
@Task('taskwarden/scheduler')
export class Scheduler {
  /** Until when the duty is this worker's, on the monotonic clock. */
  private electedUntilMs = Number.NEGATIVE_INFINITY;
  private hasLooked = false;

  constructor(
    @Inject(TASK_STORE) private readonly store: ScheduleStore & SupervisorStore,
    @Inject(TASK_READER) private readonly reader: TaskReader,
    @Inject(WORKER_ID) private readonly workerId: string,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(HealthBoard) private readonly board: HealthBoard,
    @Inject(DeclaredSchedules) private readonly declared: DeclaredSchedules,
  ) {}

  async start(task: TaskContext): Promise<void> {
    const health = this.board.part('scheduler', {
      fails: 'The scheduler cannot do its work; it goes on trying',
      works: 'The scheduler works again',
    });
    await repeat({ step: () => this.step(), intervalMs: LOOK_MS, health }, this.clock, task.signal);
  }

  private async step(): Promise<number> {
    const nowMs = this.clock.monotonicMs();
    if (nowMs >= this.electedUntilMs) {
      const anothersMs = await this.store.elect('scheduler', this.workerId, DUTY_MS);
      if (anothersMs > 0) return anothersMs;
      this.electedUntilMs = nowMs + DUTY_MS;
    }
    // A local task whose hash is gone is made anew: perhaps everything is.
    if (!this.hasLooked) await this.declared.tidy(this.store);
    this.hasLooked = true;
    const look = await this.store.dueSchedules(CLAIM_MS);
    await allOf([
      this.store.makeFirings(look.owed),
      ...(await this.withFormer(look.due)).map((due) => this.fire(due, look.nowMs)),
    ]);
    if (look.unreadable.length > 0) throw unreadable(look.unreadable);
    // What came first may be due again.
    return look.due.length > 0 ? 0 : Math.min(look.nextInMs, LOOK_MS, this.electedUntilMs - nowMs);
  }

  /** Finds out whether the tasks of the former firings wait or run, where it matters. */
  private async withFormer(due: readonly DueSchedule[]): Promise<(DueSchedule & { formerGoesOn: boolean })[]> {
    const asked = due.filter(({ schedule, lastId }) => schedule.overlap === 'skip' && lastId !== undefined);
    const ids = asked.map(({ lastId }) => lastId as string);
    const records = ids.length > 0 ? await this.reader.get(ids) : [];
    const goOn = new Set(
      records.filter((one) => one?.state === 'WAIT' || one?.state === 'RUNNING').map((one) => one?.id),
    );
    return due.map((one) => ({ ...one, formerGoesOn: one.lastIsOwed || goOn.has(one.lastId) }));
  }

  private async fire(due: DueSchedule & { formerGoesOn: boolean }, nowMs: number): Promise<void> {
    const { schedule, dueMs, formerGoesOn } = due;
    const { fireMs, skippedMs, nextMs } = planFirings(schedule, dueMs, nowMs, formerGoesOn);
    const firings = fireMs.map((atMs) => ({ atMs, task: taskOf(schedule, atMs) }));
    const claimed = await this.store.advanceSchedule({ due, nextMs, firings, skippedMs }, CLAIM_MS);
    if (claimed !== undefined) await this.store.makeFirings(claimed);
  }
}

/** The task that a schedule starts for a time. */
function taskOf({ name, task, data, queue, priority, deadlineMs }: Schedule, atMs: number): NewTask {
  return {
    id: firingId(name, atMs),
    name: task,
    data,
    cleanup: true,
    ...(queue !== undefined && { queue }),
    ...(priority !== undefined && { priority }),
    ...(deadlineMs !== undefined && { deadline: { inMs: deadlineMs } }),
  };
}

/** Waits for all, and then throws what the first of them threw: one schedule's trouble is none of the others'. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}

function unreadable(names: readonly string[]): Error {
  return new ConfigurationError(
    `Schedules that this version cannot read: ${names.join(', ')}. Write them again with client.schedules.add, or remove them.`,
  );
}

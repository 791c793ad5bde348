import type { InputArguments, InputOf, OutputOf } from '../client/input-types';
import { ConfigurationError, NoRestError } from '../errors';
import { encodeInput } from '../input/parse-input';
import { taskDefinition } from '../metadata/task-definition';
import { TASK_STORE } from '../store/task-store';
import type { Lease, OpenedRun, Outcome, Retry, WorkerStore } from '../store/worker-store';
import { type Duration, parseDuration } from '../task/duration';
import { parseEvent } from '../task/event';
import { assertUsableId } from '../task/keys';
import { checkKeys } from '../task/option-keys';
import { shown } from '../task/shown';
import type { EndState } from '../task/state';
import type { TaskClass } from '../task/task-class';
import { RunEnvironment } from '../worker/run-environment';
import { TaskRun } from '../worker/run-task';
import { TaskLogs } from '../worker/task-logs';
import { createTestApp, type TestAppOptions } from './create-test-app';
import type { EnqueuedTask } from './journal';
import { Patience } from './patience';
import { untilStill, type Watched } from './stillness';
import type { TestApp } from './test-app';
import type { LogLine } from './test-logs';

/** What is known of the app around the run, and of the run itself. */
export interface RunTaskOptions
  extends Pick<TestAppOptions, 'provide' | 'providers' | 'middleware' | 'onException' | 'logger' | 'now' | 'patience'> {
  /** Other classes that the task starts, where it does so by their names. */
  readonly tasks?: readonly TaskClass[];
  /** Default `task`. */
  readonly id?: string;
  /** Which attempt the run is, from 1; those before it have failed. Default 1. */
  readonly attempt?: number;
  /** Stops the run when it has gone on for so long by the clock; without it, it goes on to its end. */
  readonly stopAfter?: Duration;
}

/** What became of a run. */
export interface TaskResult<Output = unknown> {
  /** `WAIT`: the run has failed, and is retried after `retryDelayMs`. */
  readonly state: EndState | 'STOPPED' | 'WAIT';
  /** What `start` returned, as JSON carries it; undefined unless the state is SUCCESS. */
  readonly output: Output | undefined;
  /** What was thrown, itself; undefined where nothing was. */
  readonly error: unknown;
  readonly retryDelayMs: number | undefined;
  /** What the task emitted, `progress` included. */
  readonly events: readonly { readonly event: string; readonly data: unknown }[];
  /** The last value given to `task.progress`. */
  readonly progress: unknown;
  /** What the task has logged, or the framework of its run. */
  readonly logs: readonly LogLine[];
  /** Tasks that it started by a client. */
  readonly enqueued: readonly EnqueuedTask[];
}

type RunArguments<T extends TaskClass> =
  [] extends InputArguments<T>
    ? [input?: InputOf<T>, options?: RunTaskOptions]
    : [input: InputOf<T>, options?: RunTaskOptions];

const KEYS = ['provide', 'providers', 'middleware', 'onException', 'logger', 'now', 'patience', 'tasks'];
const OWN_KEYS = ['id', 'attempt', 'stopAfter'];

/**
 * Runs a task once, without queue and worker: input, injection, middleware, hooks, timeout and retry policy are as ever. Where it waits
 * for the clock, the clock moves on by itself.
 * @throws {InputError} The input is not valid: it could not have been enqueued.
 * @throws {NoRestError} The run waits for what never comes, or for something real for too long.
 */
export async function runTask<T extends TaskClass>(
  task: T,
  ...args: RunArguments<T>
): Promise<TaskResult<OutputOf<T>>> {
  const [input, options = {}] = args;
  checkKeys('runTask', options, [...KEYS, ...OWN_KEYS]);
  const { id = 'task', attempt = 1, stopAfter, tasks = [], ...appOptions } = options;
  assertUsableId(id);
  if (!Number.isInteger(attempt) || attempt < 1) {
    throw new ConfigurationError(`attempt is ${shown(attempt)}: give a whole number, 1 or more.`);
  }
  const data = encodeInput(taskDefinition(task), input);
  const known = [task, ...tasks.filter((other) => other !== task)];
  const app = await createTestApp({ ...appOptions, tasks: known, monitor: false, cleanup: false, scheduler: false });
  try {
    const run = new SingleRun(app, task, { id, attempt, data });
    await run.toItsEnd(stopAfter === undefined ? Number.POSITIVE_INFINITY : parseDuration(stopAfter, 'stopAfter'));
    return run.result() as TaskResult<OutputOf<T>>;
  } finally {
    await app.close();
  }
}

class SingleRun {
  private readonly run: TaskRun;
  private readonly lease: Lease;
  private state: TaskResult['state'] | undefined;
  private outcome: Outcome | undefined;
  private retryDelayMs: number | undefined;
  private readonly events: { event: string; data: unknown }[] = [];
  private progress: unknown;
  private isOver = false;

  constructor(
    private readonly app: TestApp,
    task: TaskClass,
    { id, attempt, data }: { readonly id: string; readonly attempt: number; readonly data: string },
  ) {
    const definition = taskDefinition(task);
    this.lease = { id, token: id, cleanup: true, local: false };
    const opened: OpenedRun = {
      kind: 'run',
      lease: this.lease,
      name: definition.name,
      data,
      attempt,
      failures: attempt - 1,
      control: undefined,
      unknownForTooLong: false,
    };
    this.run = new TaskRun(this.environment(), opened, definition, { codeEnded: () => {}, ended: () => {} }, undefined);
  }

  /** @param stopAfterMs By the clock. */
  async toItsEnd(stopAfterMs: number): Promise<void> {
    void this.run.execute().then(() => {
      if (!this.run.interrupted) this.isOver = true;
    });
    const patience = new Patience(this.watched().patienceMs);
    patience.begin();
    try {
      await this.untilOver(stopAfterMs, patience);
    } catch (error) {
      // What it waits for must not keep the process, or the next test, waiting too.
      await this.run.interrupt('stopped', AbortSignal.abort());
      throw error;
    } finally {
      patience.end();
    }
  }

  private async untilOver(stopAfterMs: number, patience: Patience): Promise<void> {
    const { clock } = this.app;
    const settle = () => untilStill(this.watched());
    let stopMs = stopAfterMs;
    for (await settle(); !this.isOver; await settle()) {
      if (clock.monotonicMs() >= stopMs) {
        stopMs = Number.POSITIVE_INFINITY;
        void this.stop();
        continue;
      }
      const stepMs = Math.min(clock.msUntilNext, stopMs - clock.monotonicMs());
      if (!Number.isFinite(stepMs) || patience.isOver) throw this.endless(stepMs);
      await clock.advance(stepMs, settle);
    }
  }

  private watched(): Watched {
    const rests = () => this.isOver || this.app.clock.waitsFor(this.lease.id);
    return this.app.watched(() => (rests() ? [] : [this.described]));
  }

  result(): TaskResult {
    const { app, outcome, events, progress, retryDelayMs } = this;
    const failure = app.failures.findLast(({ by, taskId }) => by === 'run' && taskId === this.lease.id);
    const output = outcome?.state === 'SUCCESS' ? JSON.parse(outcome.output) : undefined;
    const state = this.state ?? 'EXCEPTION';
    const error = state === 'SUCCESS' ? undefined : failure?.error;
    return { state, output, error, retryDelayMs, events, progress, logs: app.logs, enqueued: app.enqueued() };
  }

  /** That of the app, but for what a run writes to. */
  private environment(): RunEnvironment {
    const environment = this.app.get(RunEnvironment);
    const { settings, clock, logger } = environment;
    const store = this.store();
    const taskLogs = settings.taskLog && new TaskLogs(settings.taskLog, store, clock, logger);
    return Object.create(environment, { store: { value: store }, taskLogs: { value: taskLogs } });
  }

  /** Takes what the run writes, in place of the store. */
  private store(): WorkerStore {
    const verbs: Partial<WorkerStore> = {
      heartbeat: async (leases) => leases.map(() => ({ lost: false, control: undefined })),
      emit: async ({ id }, text, progress) => {
        const { event, data } = parseEvent(id, text) ?? { event: text, data: null };
        this.events.push({ event, data });
        if (progress !== undefined) this.progress = JSON.parse(progress);
        return true;
      },
      // The lines are in `logs`.
      appendLog: async () => true,
      finish: async (_, outcome) => {
        this.outcome = outcome;
        this.state = outcome.state;
        return true;
      },
      retry: async (_, { delayMs }: Retry) => {
        this.state = 'WAIT';
        this.retryDelayMs = delayMs;
        return 'requeued';
      },
    };
    return Object.assign(Object.create(this.app.get(TASK_STORE)), verbs);
  }

  /** As a worker does it. */
  private async stop(): Promise<void> {
    if (!(await this.run.interrupt('stopped'))) return;
    this.state = 'STOPPED';
    await this.run.tellHooks('stop');
    await this.run.dispose();
    this.isOver = true;
  }

  private get described(): string {
    return `${this.run.opened.name} (${this.lease.id})`;
  }

  private endless(stepMs: number): NoRestError {
    const why = Number.isFinite(stepMs)
      ? 'goes on and on, by the clock'
      : 'waits for something that neither the clock nor anything real can bring';
    return new NoRestError(
      `${this.described} ${why}. Does a fake never answer? If the task goes on until it is stopped, say when: runTask(…, { stopAfter: '10s' }); its waits are then to go by the injected CLOCK, as that is what moves.`,
    );
  }
}

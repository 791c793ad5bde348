import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { CLOCK, type Clock } from '../clock';
import { LOGGER, type Logger } from '../logger';
import { inject, injectable } from '../metadata/reflection';
import { Observers } from '../observing/observers';
import { RANDOM, type Random } from '../random';
import { TASK_STORE } from '../store/task-store';
import type { WorkerStore } from '../store/worker-store';
import { TRACING, type Tracing } from '../tracing/tracing';
import { EXCEPTION_HANDLER, type ExceptionHandler } from './exception-handler';
import { MIDDLEWARE, type MiddlewareClass, type MiddlewareFunction } from './middleware';
import { Pulse } from './pulse';
import { Recipes } from './recipes';
import { TaskLogs } from './task-logs';
import { WORKER_ID, WORKER_SETTINGS, type WorkerSettings } from './worker-settings';

/** The app's own container, of which a run gets a child where something is injected that is not app-wide. */
export const APP_CONTAINER: InjectionToken<DependencyContainer> = Symbol('taskwarden.AppContainer');

/** What every run of a worker needs. */
@injectable()
export class RunEnvironment {
  readonly recipes: Recipes;
  /** Undefined: tasks have no logs of their own. */
  readonly taskLogs: TaskLogs | undefined;
  /** Undefined where there are none: then nothing is made to be told. */
  readonly observers: Observers | undefined;

  constructor(
    @inject(APP_CONTAINER) readonly container: DependencyContainer,
    @inject(TASK_STORE) readonly store: WorkerStore,
    @inject(CLOCK) readonly clock: Clock,
    @inject(LOGGER) readonly logger: Logger,
    @inject(WORKER_ID) readonly workerId: string,
    @inject(WORKER_SETTINGS) readonly settings: WorkerSettings,
    @inject(MIDDLEWARE) readonly middleware: readonly (MiddlewareFunction | MiddlewareClass)[],
    @inject(EXCEPTION_HANDLER) readonly onException: ExceptionHandler,
    @inject(RANDOM) readonly random: Random,
    @inject(TRACING) readonly tracing: Tracing,
    @inject(Pulse) readonly pulse: Pulse,
    @inject(Observers) observers: Observers,
  ) {
    this.recipes = new Recipes(container);
    const { taskLog } = settings;
    this.taskLogs = taskLog && new TaskLogs(taskLog, store, clock, logger);
    this.observers = observers.isEmpty ? undefined : observers;
  }
}

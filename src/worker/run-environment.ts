import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { CLOCK, type Clock } from '../clock';
import { LOGGER, type Logger } from '../logger';
import { inject, injectable } from '../metadata/reflection';
import { TASK_STORE } from '../store/task-store';
import type { WorkerStore } from '../store/worker-store';
import { EXCEPTION_HANDLER, type ExceptionHandler } from './exception-handler';
import { MIDDLEWARE, type MiddlewareClass, type MiddlewareFunction } from './middleware';
import { WORKER_ID, WORKER_SETTINGS, type WorkerSettings } from './worker-settings';

/** The app's own container, of which every run gets a child. */
export const APP_CONTAINER: InjectionToken<DependencyContainer> = Symbol('taskwarden.AppContainer');

/** What every run of a worker needs. */
@injectable()
export class RunEnvironment {
  constructor(
    @inject(APP_CONTAINER) readonly container: DependencyContainer,
    @inject(TASK_STORE) readonly store: WorkerStore,
    @inject(CLOCK) readonly clock: Clock,
    @inject(LOGGER) readonly logger: Logger,
    @inject(WORKER_ID) readonly workerId: string,
    @inject(WORKER_SETTINGS) readonly settings: WorkerSettings,
    @inject(MIDDLEWARE) readonly middleware: readonly (MiddlewareFunction | MiddlewareClass)[],
    @inject(EXCEPTION_HANDLER) readonly onException: ExceptionHandler,
  ) {}
}

import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { patiently } from '../backoff';
import type { InputArguments } from '../client/input-types';
import { TaskClient } from '../client/task-client';
import { CLOCK, type Clock } from '../clock';
import { AppClosedError, ConfigurationError } from '../errors';
import type { ClusterListeners } from '../events/cluster-listeners';
import { type Health, HealthBoard } from '../health';
import { LOGGER, type Logger } from '../logger';
import { taskDefinition } from '../metadata/task-definition';
import { TaskRegistry } from '../metadata/task-registry';
import type { Monitoring } from '../monitoring/monitoring';
import { TASK_STORE } from '../store/task-store';
import { Cleanup } from '../supervision/cleanup.task';
import { DeclaredSchedules } from '../supervision/declared-schedules';
import { Monitor } from '../supervision/monitor.task';
import { Scheduler } from '../supervision/scheduler.task';
import type { TaskClass } from '../task/task-class';
import { LocalTasks } from '../worker/local-tasks';
import { Worker } from '../worker/worker';
import type { Disposals } from './disposals';
import { MONITORING } from './make-monitoring';
import type { ResolvedOptions } from './options';
import { untilSignal } from './signals';

/** A wired application: a client, and a worker if it has tasks. */
export class App {
  /** Starts, controls and watches tasks. */
  readonly client: TaskClient;
  private readonly logger: Logger;
  private readonly monitoring: Monitoring | undefined;
  private started: Promise<void> | undefined;
  private closed: Promise<void> | undefined;

  constructor(
    private readonly container: DependencyContainer,
    private readonly options: ResolvedOptions,
    private readonly listeners: ClusterListeners,
    private readonly disposals: Disposals,
  ) {
    this.client = container.resolve(TaskClient);
    this.logger = container.resolve<Logger>(LOGGER);
    this.monitoring = container.isRegistered(MONITORING) ? container.resolve(MONITORING) : undefined;
  }

  /** What does not work just now, as the parts have told it: asking costs nothing. */
  get health(): Health {
    return this.container.resolve(HealthBoard).health;
  }

  /** The URL at which health and metrics are served, once the app is started; undefined without the option `monitoring`. */
  get monitoringUrl(): string | undefined {
    return this.monitoring?.url;
  }

  /** A service of the app's container, by its class or token. */
  get<T>(token: InjectionToken<T>): T {
    return this.container.resolve(token);
  }

  /**
   * Takes tasks from now on, if this app works, and hears events. Resolves when it does; a second call does nothing more. An app that
   * cannot be started is closed before this rejects: nothing of it keeps the process.
   * @throws {ConfigurationError} The address of the monitoring cannot be listened to.
   */
  async start(): Promise<void> {
    if (this.closed) throw new AppClosedError();
    this.started ??= this.startParts();
    try {
      await this.started;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Starts, and serves until SIGINT or SIGTERM; then closes. After a second signal it waits for no run any more.
   * Code that will not end by then is left behind, and the process exits with code 0.
   * @throws As `start` does, the app closed.
   */
  async run(): Promise<void> {
    const signals = untilSignal();
    try {
      // Also while it starts: without its store that takes as long as the store is away.
      await Promise.race([this.start().then(() => signals.first), signals.first]);
      this.logger.info({}, 'Asked to leave');
      void signals.second.then(() => this.worker()?.hurry());
      await this.close();
    } finally {
      signals.restore();
    }
    if ((this.worker()?.runningCode ?? 0) > 0) process.exit(0);
  }

  /**
   * Runs a task in this process alone: in no queue, removed when the app closes, started again if its lease is lost.
   * Starts the app, if that is still to be done.
   * @returns Its id.
   * @throws {ConfigurationError} The app has no worker, or does not know the task.
   * @throws {InputError} The input is not valid.
   */
  async startLocal<T extends TaskClass>(task: T, ...input: InputArguments<T>): Promise<string> {
    const definition = taskDefinition(task);
    const known = this.container.resolve(TaskRegistry).get(definition.name) === definition;
    if (!this.options.works || !known) {
      throw new ConfigurationError(
        `The local task "${definition.name}" needs a worker that knows it: give ${task.name} to createApp({ tasks }), without worker: false.`,
      );
    }
    await this.start();
    return this.container.resolve(LocalTasks).start(definition, input[0]);
  }

  /** Lets runs end for the grace period, puts back the rest, and disposes the services. A second call does nothing more. */
  close(): Promise<void> {
    this.closed ??= this.closeParts();
    return this.closed;
  }

  private async startParts(): Promise<void> {
    await this.monitoring?.start();
    await this.listeners.start();
    await this.worker()?.start();
    const locals = this.container.resolve(LocalTasks);
    if (this.options.monitors) await locals.start(taskDefinition(Monitor), undefined);
    if (this.options.cleansUp) await locals.start(taskDefinition(Cleanup), undefined);
    if (this.options.works) await this.putSchedules();
    if (this.options.schedules) await locals.start(taskDefinition(Scheduler), undefined);
    this.monitoring?.started();
  }

  private async putSchedules(): Promise<void> {
    const declared = this.container.resolve(DeclaredSchedules);
    if (declared.isEmpty) return;
    const [store, clock] = [this.container.resolve(TASK_STORE), this.container.resolve<Clock>(CLOCK)];
    await patiently(
      clock,
      () => declared.put(store),
      () => !this.closed,
    );
  }

  private async closeParts(): Promise<void> {
    this.monitoring?.leaving();
    await this.worker()?.stop();
    await this.listeners.stop();
    await this.started?.catch(() => {}); // Who called start has its error.
    this.client.close();
    await this.disposals.run(this.logger);
  }

  private worker(): Worker | undefined {
    return this.options.works ? this.container.resolve(Worker) : undefined;
  }
}

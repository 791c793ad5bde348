import { Registry } from 'prom-client';
import { ConfigurationError } from '../errors';
import type { Logger } from '../logger';
import type { TaskRegistry } from '../metadata/task-registry';
import type { TaskObserver } from '../observing/task-observer';
import type { TaskReader } from '../store/task-reader';
import { HealthCheck, type HealthSources } from './health-check';
import { MonitoringServer } from './monitoring-server';
import type { MonitoringSettings } from './monitoring-settings';
import { addProcessMetrics } from './process-metrics';
import { QueueMetrics } from './queue-metrics';
import { monitoringRoutes } from './routes';
import { queueLabels, TaskMetrics } from './task-metrics';

/** The parts of an app that are looked at. */
export interface Monitored extends HealthSources {
  readonly reader: TaskReader;
  readonly logger: Logger;
  readonly tasks: TaskRegistry;
  /** Runs that the worker may have at a time; undefined: there is none. */
  readonly concurrency: number | undefined;
}

/** The health of an app and its metrics, for probes and scrapes from outside. */
export class Monitoring {
  /** Counts the runs for the metrics. */
  readonly observer: TaskObserver;
  private readonly check: HealthCheck;
  private readonly registry: Registry;
  /** Taken out of the registry again: it may be the user's, and outlive the app. */
  private readonly metricNames: () => readonly string[];
  private readonly server: MonitoringServer;
  private servedAt: string | undefined;

  /** @throws {ConfigurationError} The registry has metrics of these names. */
  constructor(
    private readonly monitored: Monitored,
    private readonly settings: MonitoringSettings,
  ) {
    const { clock, reader, tasks, logger, concurrency } = monitored;
    this.check = new HealthCheck(monitored, settings);
    this.registry = settings.registry ?? new Registry();
    const before = new Set(namesIn(this.registry));
    this.metricNames = () => namesIn(this.registry).filter((name) => OURS.test(name) && !before.has(name));
    const queues = queueLabels();
    try {
      this.observer = new TaskMetrics(this.registry, tasks, queues);
      new QueueMetrics(this.registry, reader, clock, settings.redisTimeoutMs, queues);
      addProcessMetrics(this.registry, this.check, concurrency);
    } catch (error) {
      this.removeMetrics();
      throw new ConfigurationError(
        `monitoring.registry cannot take the metrics: ${(error as Error).message} Give each app a registry of its own.`,
        { cause: error },
      );
    }
    this.server = new MonitoringServer(monitoringRoutes(this.check, this.registry, logger), clock);
  }

  /** Undefined before it is started. */
  get url(): string | undefined {
    return this.servedAt;
  }

  /** Answers from now on; it is not ready yet. @throws {ConfigurationError} The address cannot be listened to. */
  async start(): Promise<void> {
    this.servedAt = await this.server.listen(this.settings.host, this.settings.port);
    this.check.start();
    this.monitored.logger.info({ url: this.servedAt }, 'Health and metrics are served');
  }

  /** All parts of the app run. */
  started(): void {
    if (this.check.phase === 'starting') this.check.phase = 'started';
  }

  /** Not ready from now on: whoever sends work here is to look elsewhere. */
  leaving(): void {
    this.check.phase = 'leaving';
  }

  async close(): Promise<void> {
    await this.server.close();
    this.check.stop();
    this.removeMetrics();
  }

  private removeMetrics(): void {
    for (const name of this.metricNames()) this.registry.removeSingleMetric(name);
  }
}

/** What the program adds later is its own. */
const OURS = /^taskwarden_/;

function namesIn(registry: Registry): readonly string[] {
  return registry.getMetricsAsArray().map(({ name }) => name);
}

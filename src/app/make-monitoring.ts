import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { CLOCK, type Clock } from '../clock';
import { HealthBoard } from '../health';
import { LOGGER, type Logger } from '../logger';
import { TaskRegistry } from '../metadata/task-registry';
import type { Monitoring } from '../monitoring/monitoring';
import type { MonitoringSettings } from '../monitoring/monitoring-settings';
import { TASK_READER } from '../store/task-reader';
import { Pulse } from '../worker/pulse';
import type { ResolvedOptions } from './options';

/** Only where the app has it. */
export const MONITORING: InjectionToken<Monitoring> = Symbol('taskwarden.Monitoring');

/** @throws {ConfigurationError} The registry has metrics of these names. */
export function makeMonitoring(
  container: DependencyContainer,
  { works, worker }: ResolvedOptions,
  settings: MonitoringSettings,
): Monitoring {
  // Loaded only where it is asked for: the web server and the metrics cost a process 30 ms and 7 MB.
  const loaded = require('../monitoring/monitoring') as typeof import('../monitoring/monitoring');
  const monitored = {
    clock: container.resolve<Clock>(CLOCK),
    logger: container.resolve<Logger>(LOGGER),
    board: container.resolve(HealthBoard),
    reader: container.resolve(TASK_READER),
    tasks: container.resolve(TaskRegistry),
    pulse: works ? container.resolve(Pulse) : undefined,
    concurrency: works ? worker.concurrency : undefined,
  };
  return new loaded.Monitoring(monitored, settings);
}

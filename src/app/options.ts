import { ConfigurationError } from '../errors';
import type { Logger, LogLevel } from '../logger';
import type { MonitoringSettings } from '../monitoring/monitoring-settings';
import type { TaskObserver } from '../observing/task-observer';
import type { RedisSpec } from '../store/redis/redis-spec';
import type { CleanupHandlerClass, SupervisionSettings } from '../supervision/supervision-settings';
import { type Duration, parseDuration } from '../task/duration';
import { DEFAULT_WIRE_NAMES, type WireNames } from '../task/keys';
import { checkKeys, keysOf } from '../task/option-keys';
import type { TaskClass } from '../task/task-class';
import type { ExceptionHandler } from '../worker/exception-handler';
import type { MiddlewareClass, MiddlewareFunction } from '../worker/middleware';
import type { WorkerSettings } from '../worker/worker-settings';
import { checkOptions } from './check-options';
import { resolveLogger, resolveTaskLog, type TaskLogOptions } from './logger-options';
import { MONITOR_KEYS, type MonitorOptions } from './monitor-options';
import { MONITORING_KEYS, type MonitoringOptions, resolveMonitoring } from './monitoring-options';
import { count, positive } from './option-numbers';
import type { Provider } from './provider';
import { type QueuesOption, resolveQueues } from './queue-options';

export interface WorkerOptions {
  /** Runs at a time in this process, local tasks not counted. Default 100. */
  readonly concurrency?: number;
  /**
   * The queues to take from. Default: `default` and those that the task classes name, all of one weight.
   */
  readonly queues?: QueuesOption;
  /** How often a run says that it is alive. Default 5s, as pytask. */
  readonly heartbeatInterval?: Duration;
  /** How long other workers get the chance to take a task whose name is not known here; 0: none. Default 1m. */
  readonly unknownTaskTimeout?: Duration;
  /** How long a run may take to end once it is stopped. Default 5s. */
  readonly stopTimeout?: Duration;
  /** How long runs may go on when the app closes, before they are put back into the queue. Default 10s. */
  readonly grace?: Duration;
}

export interface CleanupOptions {
  /** Between two looks at an empty end queue. Default 1s. */
  readonly interval?: Duration;
  /** How long ended tasks are kept; 0 deletes them at once. Default: success 1h, failure 7d. */
  readonly retention?: Duration | { readonly success?: Duration; readonly failure?: Duration };
  /** Is given every ended task, with services injected. */
  readonly handler?: CleanupHandlerClass;
}

export interface AppOptions {
  /** The task classes that this app runs, and validates the input of. Default none. */
  readonly tasks?: readonly TaskClass[];
  /** Where Redis is; without it, the embedded store serves this process alone. */
  readonly redis?: RedisSpec | undefined;
  /** `'memory'` asks for the embedded store by name, which NODE_ENV=production demands. */
  readonly store?: 'memory' | undefined;
  /** The names of the wire, for more than one app on a Redis. Default: pytask's. */
  readonly names?: Partial<WireNames>;
  /** Services to inject, in the order in which they are made. */
  readonly providers?: readonly Provider[];
  /** Classes with `@OnEvent('task:event')` methods, called for the events of the whole cluster. */
  readonly listeners?: readonly (new (
    ...args: never[]
  ) => object)[];
  /** Wraps every run, outermost first. */
  readonly middleware?: readonly (MiddlewareFunction | MiddlewareClass)[];
  /** Gets what a run threw, itself. */
  readonly onException?: ExceptionHandler;
  /** False: this app only produces, whatever its tasks. Default: it works if it has tasks. */
  readonly worker?: WorkerOptions | false;
  /** Without a sign of life for so long a run is given to another worker. Default 1m, as pytask; the same everywhere. */
  readonly taskTimeout?: Duration;
  /** False: no monitor in this process. */
  readonly monitor?: MonitorOptions | false;
  /** False: no cleanup in this process. */
  readonly cleanup?: CleanupOptions | false;
  /** False: this process starts no tasks of schedules; it still writes those that its classes declare. */
  readonly scheduler?: boolean;
  /**
   * Spans of starts and runs, wherever an SDK of OpenTelemetry is registered. False: none. True: it is a mistake where
   * `@opentelemetry/api` is not installed. Default: spans if it is.
   */
  readonly tracing?: boolean;
  /** Serves health and metrics over HTTP once the app is started. Default false. */
  readonly monitoring?: MonitoringOptions | false;
  /** Are told of starts and runs of this process, for counters of your own. */
  readonly observers?: readonly TaskObserver[];
  /**
   * Any pino logger; or the lowest level of the default one, which writes to standard error, by default that of the variable
   * TASKWARDEN_LOG_LEVEL, else `info`; false for silence.
   */
  readonly logger?: Logger | LogLevel | false;
  /** What is kept of `task.log` in the log of the task itself; false: nothing. */
  readonly taskLog?: TaskLogOptions | false;
}

/** The options, checked, with the defaults in place. */
export interface ResolvedOptions {
  readonly given: AppOptions;
  readonly logger: Logger;
  readonly names: WireNames;
  readonly works: boolean;
  readonly worker: WorkerSettings;
  readonly supervision: SupervisionSettings;
  readonly monitors: boolean;
  readonly cleansUp: boolean;
  readonly schedules: boolean;
  /** Undefined: nothing is served. */
  readonly monitoring: MonitoringSettings | undefined;
}

export const APP_KEYS = keysOf<AppOptions>({
  tasks: true,
  redis: true,
  store: true,
  names: true,
  providers: true,
  listeners: true,
  middleware: true,
  onException: true,
  worker: true,
  taskTimeout: true,
  monitor: true,
  cleanup: true,
  scheduler: true,
  tracing: true,
  monitoring: true,
  observers: true,
  logger: true,
  taskLog: true,
});
const WORKER_KEYS = keysOf<WorkerOptions>({
  concurrency: true,
  queues: true,
  heartbeatInterval: true,
  unknownTaskTimeout: true,
  stopTimeout: true,
  grace: true,
});
const CLEANUP_KEYS = keysOf<CleanupOptions>({ interval: true, retention: true, handler: true });

/** @throws {ConfigurationError} An unknown option, or a value that is not acceptable. */
export function resolveOptions(given: AppOptions): ResolvedOptions {
  checkKeys('createApp', given, APP_KEYS);
  checkOptions(given);
  const names = resolveNames(given.names ?? {});
  const leaseMs = positive(given.taskTimeout ?? '1m', 'taskTimeout');
  const worker = {
    ...resolveWorker(given.worker === false ? {} : (given.worker ?? {}), leaseMs, given.tasks ?? []),
    taskLog: resolveTaskLog(given.taskLog),
  };
  const monitor = given.monitor === false ? {} : (given.monitor ?? {});
  checkKeys('monitor', monitor, MONITOR_KEYS, { monitoring: MONITORING_KEYS });
  const cleanup = given.cleanup === false ? {} : (given.cleanup ?? {});
  checkKeys('cleanup', cleanup, CLEANUP_KEYS);
  const works = given.worker !== false && (given.tasks?.length ?? 0) > 0;
  return {
    given,
    logger: resolveLogger(given.logger),
    names,
    works,
    worker,
    supervision: {
      monitorIntervalMs: positive(monitor.interval ?? '10s', 'monitor.interval'),
      maxCrashes:
        monitor.maxCrashes === Number.POSITIVE_INFINITY
          ? Number.POSITIVE_INFINITY
          : count(monitor.maxCrashes ?? 5, 'monitor.maxCrashes'),
      orphanScanMs: monitor.orphanScan ? positive(monitor.orphanScan, 'monitor.orphanScan') : undefined,
      taskTimeoutMs: leaseMs,
      cleanupIntervalMs: positive(cleanup.interval ?? '1s', 'cleanup.interval'),
      ...resolveRetention(cleanup.retention),
    },
    monitors: works && given.monitor !== false,
    cleansUp: works && given.cleanup !== false,
    schedules: works && given.scheduler !== false,
    monitoring: resolveMonitoring(given.monitoring, worker),
  };
}

function resolveWorker(
  given: WorkerOptions,
  leaseMs: number,
  tasks: readonly TaskClass[],
): Omit<WorkerSettings, 'taskLog'> {
  checkKeys('worker', given, WORKER_KEYS);
  const heartbeatMs = positive(given.heartbeatInterval ?? Math.min(5_000, leaseMs / 3), 'worker.heartbeatInterval');
  if (heartbeatMs >= leaseMs) {
    throw new ConfigurationError(
      `worker.heartbeatInterval is ${heartbeatMs} ms and taskTimeout ${leaseMs} ms: living tasks would be taken for dead. ` +
        'Make the timeout three times the interval or more.',
    );
  }
  return {
    concurrency: count(given.concurrency ?? 100, 'worker.concurrency'),
    queues: resolveQueues(given.queues, tasks),
    heartbeatMs,
    leaseMs,
    unknownTaskTimeoutMs: parseDuration(given.unknownTaskTimeout ?? '1m', 'worker.unknownTaskTimeout'),
    stopTimeoutMs: parseDuration(given.stopTimeout ?? '5s', 'worker.stopTimeout'),
    graceMs: parseDuration(given.grace ?? '10s', 'worker.grace'),
  };
}

function resolveRetention(
  given: CleanupOptions['retention'],
): Pick<SupervisionSettings, 'keepSuccessMs' | 'keepFailureMs'> {
  if (typeof given === 'object') checkKeys('cleanup.retention', given, ['success', 'failure']);
  const { success = '1h', failure = '7d' } = typeof given === 'object' ? given : { success: given, failure: given };
  return {
    keepSuccessMs: parseDuration(success, 'cleanup.retention.success'),
    keepFailureMs: parseDuration(failure, 'cleanup.retention.failure'),
  };
}

export function resolveNames(given: Partial<WireNames>): WireNames {
  checkKeys('names', given, Object.keys(DEFAULT_WIRE_NAMES));
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== 'string' || value === '')
      throw new ConfigurationError(`names.${key} must be a non-empty text.`);
  }
  const names = { ...DEFAULT_WIRE_NAMES, ...given };
  if (names.taskPrefix.startsWith(`${names.newQueue}:`)) {
    throw new ConfigurationError(
      `names.taskPrefix is "${names.taskPrefix}": it must not begin with "${names.newQueue}:", as named queues do.`,
    );
  }
  const keys = [names.taskSet, names.newQueue, names.endQueue];
  if (new Set(keys).size < keys.length) {
    throw new ConfigurationError(
      `names.taskSet, names.newQueue and names.endQueue must differ: they are ${keys.join(', ')}.`,
    );
  }
  return names;
}

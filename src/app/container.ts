import { hostname } from 'node:os';
import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { TaskClient } from '../client/task-client';
import { CLOCK, type Clock, SystemClock } from '../clock';
import { ConfigurationError } from '../errors';
import { EVENT_BUS, type EventBus } from '../events/event-bus';
import { MemoryEventBus } from '../events/memory-event-bus';
import { RedisEventBus } from '../events/redis-event-bus';
import { HealthBoard } from '../health';
import { ID_SOURCE, type IdSource, RandomIds } from '../ids';
import { LOGGER, type Logger } from '../logger';
import { container as globalContainer } from '../metadata/reflection';
import { TaskRegistry } from '../metadata/task-registry';
import { observedStore } from '../observing/observed-store';
import { Observers } from '../observing/observers';
import { RANDOM } from '../random';
import { MemoryBroker } from '../store/memory/memory-broker';
import { MemoryTaskReader } from '../store/memory/memory-task-reader';
import { MemoryTaskStore } from '../store/memory/memory-task-store';
import { RedisConnection } from '../store/redis/redis-connection';
import { RedisTaskReader } from '../store/redis/redis-task-reader';
import { RedisTaskStore } from '../store/redis/redis-task-store';
import { TASK_READER } from '../store/task-reader';
import { TASK_STORE } from '../store/task-store';
import { Cleanup } from '../supervision/cleanup.task';
import { DeclaredSchedules } from '../supervision/declared-schedules';
import { Monitor } from '../supervision/monitor.task';
import { Scheduler } from '../supervision/scheduler.task';
import { StoreContact } from '../supervision/store-contact';
import { CLEANUP_HANDLER, NO_HANDLER, SUPERVISION_SETTINGS } from '../supervision/supervision-settings';
import { TaskKeys } from '../task/keys';
import { loadTracing } from '../tracing/load-tracing';
import { TRACING } from '../tracing/tracing';
import { ControlListener } from '../worker/control-listener';
import { Dispatcher } from '../worker/dispatcher';
import { EXCEPTION_HANDLER } from '../worker/exception-handler';
import { Heartbeat } from '../worker/heartbeat';
import { LocalTasks } from '../worker/local-tasks';
import { MIDDLEWARE } from '../worker/middleware';
import { Pulse } from '../worker/pulse';
import { RunControl } from '../worker/run-control';
import { APP_CONTAINER, RunEnvironment } from '../worker/run-environment';
import { Worker } from '../worker/worker';
import { WORKER_ID, WORKER_SETTINGS } from '../worker/worker-settings';
import { Disposals } from './disposals';
import { MONITORING, makeMonitoring } from './make-monitoring';
import type { ResolvedOptions } from './options';
import { type Provider, provide } from './provider';

/** What the framework makes once for each app, whenever it is first needed. */
const SINGLETONS = [RunEnvironment, Dispatcher, RunControl, Heartbeat, ControlListener, LocalTasks, Worker, TaskClient];

/** Tokens whose provider may be replaced by one of the user's; the others belong to the app itself. */
const REPLACEABLE: readonly InjectionToken[] = [TASK_STORE, TASK_READER, EVENT_BUS, CLOCK, LOGGER, ID_SOURCE, RANDOM];

/** Wires an app in a container of its own; what it made is disposed through `disposals`, the last made first. */
export async function buildContainer(options: ResolvedOptions, disposals: Disposals): Promise<DependencyContainer> {
  const { given } = options;
  const container = globalContainer.createChildContainer();
  container.registerInstance(APP_CONTAINER, container);
  // The first, and so put away last: while all else is, the process is alive and says so.
  disposals.add(() => container.isRegistered(MONITORING) && container.resolve(MONITORING).close());
  const registry = new TaskRegistry([...(given.tasks ?? []), Monitor, Cleanup, Scheduler]);
  container.registerInstance(TaskRegistry, registry);
  container.registerInstance(DeclaredSchedules, new DeclaredSchedules(registry));
  container.registerInstance(CLOCK, new SystemClock());
  container.registerInstance(LOGGER, options.logger);
  container.registerInstance(ID_SOURCE, new RandomIds());
  container.registerInstance(RANDOM, Math.random);
  container.registerInstance(WORKER_SETTINGS, options.worker);
  container.registerInstance(SUPERVISION_SETTINGS, options.supervision);
  container.registerInstance(StoreContact, new StoreContact());
  container.registerInstance(TRACING, loadTracing(given.tracing));
  container.registerInstance(Pulse, new Pulse());
  container.registerInstance(MIDDLEWARE, given.middleware ?? []);
  container.registerInstance(EXCEPTION_HANDLER, given.onException ?? (() => {}));
  for (const singleton of SINGLETONS)
    container.registerSingleton(singleton as new (...args: never[]) => object as never);
  const providers = given.providers ?? [];
  // First what the backend itself is built with, then the backend, then what may use it.
  for (const provider of providers) if (isReplaceable(provider)) await provide(container, provider, disposals);
  const [clock, logger] = [container.resolve<Clock>(CLOCK), container.resolve<Logger>(LOGGER)];
  container.registerInstance(HealthBoard, new HealthBoard(clock, logger));
  container.registerInstance(WORKER_ID, `${hostname()}-${process.pid}-${container.resolve(ID_SOURCE).next()}`);
  registerBackend(container, options, disposals);
  registerObservers(container, options);
  for (const provider of providers) if (!isReplaceable(provider)) await provide(container, provider, disposals);
  await provide(container, cleanupHandler(options), disposals);
  return container;
}

function registerBackend(container: DependencyContainer, options: ResolvedOptions, disposals: Disposals): void {
  const missing = [TASK_STORE, TASK_READER, EVENT_BUS].filter(
    (token) => !container.isRegistered(token as InjectionToken),
  );
  if (missing.length === 0) return;
  if (missing.length < 3) {
    throw new ConfigurationError('TASK_STORE, TASK_READER and EVENT_BUS are one backend: provide all three, or none.');
  }
  const clock = container.resolve<Clock>(CLOCK);
  const logger = container.resolve<Logger>(LOGGER);
  const keys = new TaskKeys(options.names);
  const { redis } = options.given;
  if (redis === undefined) {
    logger.info({}, "No redis is given: tasks are kept in this process's memory, and end with it");
    const broker = new MemoryBroker(clock, keys, logger);
    container.registerInstance(TASK_STORE, new MemoryTaskStore(broker));
    container.registerInstance(TASK_READER, new MemoryTaskReader(broker));
    registerBus(container, new MemoryEventBus(broker), disposals);
    return;
  }
  const board = container.resolve(HealthBoard);
  const connection = new RedisConnection(redis, clock, logger, board);
  disposals.add(() => connection.close());
  container.registerInstance(TASK_STORE, new RedisTaskStore(connection, keys, container.resolve<IdSource>(ID_SOURCE)));
  container.registerInstance(TASK_READER, new RedisTaskReader(connection, keys));
  registerBus(container, new RedisEventBus(connection, keys, clock, logger, board), disposals);
}

/** The metrics are one of them. */
function registerObservers(container: DependencyContainer, options: ResolvedOptions): void {
  const all = [...(options.given.observers ?? [])];
  if (options.monitoring) {
    const monitoring = makeMonitoring(container, options, options.monitoring);
    container.registerInstance(MONITORING, monitoring);
    all.push(monitoring.observer);
  }
  const observers = new Observers(all, container.resolve<Logger>(LOGGER));
  container.registerInstance(Observers, observers);
  if (observers.isEmpty) return;
  container.registerInstance(TASK_STORE, observedStore(container.resolve(TASK_STORE), observers));
}

function registerBus(container: DependencyContainer, bus: EventBus, disposals: Disposals): void {
  disposals.add(() => bus.close());
  container.registerInstance(EVENT_BUS, bus);
}

function cleanupHandler({ given }: ResolvedOptions): Provider {
  const handler = given.cleanup === false ? undefined : given.cleanup?.handler;
  if (handler) return { provide: CLEANUP_HANDLER, useClass: handler };
  return { provide: CLEANUP_HANDLER, useValue: NO_HANDLER };
}

function isReplaceable(provider: Provider): boolean {
  return typeof provider === 'object' && REPLACEABLE.includes(provider?.provide as InjectionToken);
}

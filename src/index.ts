export type { App } from './app/app';
export { createApp } from './app/create-app';
export { type DiagnosedFinding, type DiagnosedPlaces, type Diagnosis, diagnoseRedis } from './app/diagnose-redis';
export { type InspectOptions, inspectRedis } from './app/inspect-redis';
export type { TaskLogOptions } from './app/logger-options';
export { type MendRedisOptions, type MendReport, mendRedis } from './app/mend-redis';
export type { MonitorOptions } from './app/monitor-options';
export type { MonitoringOptions } from './app/monitoring-options';
export type { AppOptions, CleanupOptions, WorkerOptions } from './app/options';
export type { Provider, ProviderScope, Resolve } from './app/provider';
export type { QueueOptions, QueuesOption } from './app/queue-options';
export {
  BulkControlError,
  type BulkControlReport,
  type RefusedStart,
  type StartedTask,
  StartManyError,
  type StartManyReport,
} from './bulk-errors';
export type { BulkControlOptions } from './client/bulk-control';
export type { DueOptions } from './client/due-options';
export type { InputOf, OutputOf } from './client/input-types';
export { type DrainOptions, QueueHandle } from './client/queue-handle';
export type { ReadLogOptions } from './client/read-log-options';
export { ScheduleClient, type ScheduleOptions } from './client/schedule-client';
export type {
  DurabilityOptions,
  StartArguments,
  StartItem,
  StartManyOptions,
  StartOptions,
} from './client/start-options';
export { TaskClient } from './client/task-client';
export type { BulkFilter, TaskFilter } from './client/task-filter';
export { type ResultOptions, TaskHandle } from './client/task-handle';
export { CLOCK, type Clock, type Timer } from './clock';
export { Inject, Injectable } from './decorators/injection';
export { Input } from './decorators/input';
export { OnEvent } from './decorators/on-event';
export { Schedule } from './decorators/schedule';
export { Task } from './decorators/task';
export {
  type AbortReason,
  AppClosedError,
  ConfigurationError,
  DeclarationError,
  InputError,
  JsonValueError,
  MiddlewareError,
  NotReplicatedError,
  ResultTimeoutError,
  StoreRefusedError,
  StoreUnavailableError,
  TaskAbortedError,
  TaskDeadlineError,
  TaskError,
  TaskExistsError,
  TaskFailedError,
  TaskIdError,
  TaskNotFoundError,
  TaskStoppedError,
  TaskTimeoutError,
  TaskwardenError,
  UnknownTaskError,
  type Violation,
} from './errors';
export {
  type ControlListener,
  EVENT_BUS,
  type EventBus,
  type EventListener,
  type Unsubscribe,
} from './events/event-bus';
export type { Health, HealthProblem } from './health';
export { ID_SOURCE, type IdSource } from './ids';
export { createLogger, LOGGER, type LogFields, type Logger, type LogLevel } from './logger';
export type { Bounds, LimitOptions, RateOptions } from './metadata/limit-options';
export type { Failure, RetryBackoff, RetryBackoffClass, RetryOptions } from './metadata/retry-options';
export { isTaskClass } from './metadata/task-definition';
export type { TaskOptions } from './metadata/task-options';
export type { DeclaredScheduleOptions, ScheduleDeclaration } from './metadata/task-schedules';
export type { UniqueOptions, UniquePolicy, UniqueWhile } from './metadata/unique-options';
export type { BegunRun, EnqueuedTasks, OverRun, RunOutcome, TaskObserver } from './observing/task-observer';
export { RANDOM, type Random } from './random';
export type { Rhythm } from './schedule/rhythm';
export type {
  CatchUp,
  Overlap,
  Schedule as StoredSchedule,
  ScheduleRecord,
  ScheduleSettings,
} from './schedule/schedule';
export type { FiringOptions, RhythmOptions } from './schedule/schedule-options';
export type { Check, CheckMark, CheckName } from './store/diagnosis';
export type { LanedTask, TakeLimits } from './store/limits';
export type { Mending, MendingWay } from './store/mending';
export type { Finding, Place, PlaceProblem, PlaceSeverity, PlacesReport } from './store/places';
export type { NewTask, ProducerStore } from './store/producer-store';
export type { DrainStep, QueueStore } from './store/queue-store';
export type { RedisSpec } from './store/redis/redis-spec';
export type { Advance, ClaimedFirings, DueSchedule, ScheduleLook, ScheduleStore } from './store/schedule-store';
export type { Duty, OrphanReport, ReapReport, Retention, SupervisorStore } from './store/supervisor-store';
export type { TaskQuery } from './store/task-query';
export {
  type FoundStep,
  type QueueRecord,
  TASK_READER,
  type TaskCounts,
  type TaskReader,
  type WorkersOptions,
} from './store/task-reader';
export { TASK_STORE, type TaskStore } from './store/task-store';
export type { UniqueClaim, UniqueReply } from './store/unique';
export type { WorkerRecord } from './store/worker-records';
export type {
  Beat,
  Lease,
  Opened,
  OpenedRun,
  OpenRequest,
  Outcome,
  ParkReply,
  RequeueReply,
  Retry,
  Taken,
  TakeRequest,
  WorkerStore,
} from './store/worker-store';
export type { CleanupHandler, CleanupHandlerClass } from './supervision/supervision-settings';
export type { ControlIntent, ControlMessage, ControlReply } from './task/control';
export type { Default } from './task/default';
export type { Due } from './task/due';
export type { Duration } from './task/duration';
export { TaskEvent } from './task/event';
export { DEFAULT_WIRE_NAMES, type WireNames } from './task/keys';
export type { Limit, Rate, TaskLimits } from './task/limit';
export type { TaskLogLine } from './task/log-line';
export type { TaskRecord } from './task/record';
export { RetryError } from './task/retry-error';
export type { RunTrace } from './task/run-trace';
export type { EndState, TaskState } from './task/state';
export type { TaskClass } from './task/task-class';
export { TaskContext } from './task/task-context';
export type { ExceptionHandler, FailedRun } from './worker/exception-handler';
export type { Middleware, MiddlewareClass, MiddlewareFunction, Next } from './worker/middleware';

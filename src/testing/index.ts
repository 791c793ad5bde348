export { LineMissingError, NoRestError } from '../errors';
export { type Backend, type BackendOptions, openBackend } from './backend';
export { createTestApp, type Fake, type TestAppOptions } from './create-test-app';
export { type CommandHook, type ConnectionCounts, FaultProxy, type ProxyTarget } from './fault-proxy';
export {
  describeCall,
  type Fault,
  type FaultPlan,
  type FaultyStore,
  faultyStore,
  type StoreCall,
  type StoreVerb,
} from './faulty-store';
export type { ProcessExit } from './guarded-child';
export type { EmittedEvent, EnqueuedTask } from './journal';
export { ManualClock } from './manual-clock';
export { type MatcherContext, type MatcherResult, type TaskwardenMatchers, taskwardenMatchers } from './matchers';
export type { Cut, ProxiedCommand } from './proxied-connection';
export { type RunTaskOptions, runTask, type TaskResult } from './run-task';
export type { TestApp } from './test-app';
export type { LogLine, Thrown } from './test-logs';
export { WorkerProcess, type WorkerProcessOptions } from './worker-process';

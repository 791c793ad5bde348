export { LineMissingError } from '../errors';
export { type Backend, type BackendOptions, openBackend } from './backend';
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
export type { Cut, ProxiedCommand } from './proxied-connection';
export { WorkerProcess, type WorkerProcessOptions } from './worker-process';

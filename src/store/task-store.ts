import type { InjectionToken } from 'tsyringe';
import type { ProducerStore } from './producer-store';
import type { SupervisorStore } from './supervisor-store';
import type { WorkerStore } from './worker-store';

/** All verbs of the engine. Whoever uses it names the role it needs: producer, worker or supervisor. */
export type TaskStore = ProducerStore & WorkerStore & SupervisorStore;

export const TASK_STORE: InjectionToken<TaskStore> = Symbol('taskwarden.TaskStore');

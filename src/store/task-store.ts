import type { InjectionToken } from 'tsyringe';
import type { ProducerStore } from './producer-store';
import type { QueueStore } from './queue-store';
import type { ScheduleStore } from './schedule-store';
import type { SupervisorStore } from './supervisor-store';
import type { WorkerStore } from './worker-store';

/** All verbs of the engine. Whoever uses it names the role it needs: producer, worker, supervisor, queues or schedules. */
export type TaskStore = ProducerStore & WorkerStore & SupervisorStore & QueueStore & ScheduleStore;

export const TASK_STORE: InjectionToken<TaskStore> = Symbol('taskwarden.TaskStore');

import type { NewTask } from './producer-store';
import type { TaskStore } from './task-store';
import type { UniqueReply } from './unique';

/** What makes new tasks. */
export type MakingVerb = 'enqueue' | 'enqueueUnique' | 'makeFirings';

/** A call of a verb, whichever, as a wrapper of the store sees it. */
export type StoreMethod = (...args: unknown[]) => Promise<unknown>;

type NewTasks = {
  readonly [Verb in MakingVerb]: (args: Parameters<TaskStore[Verb]>, reply: unknown) => readonly NewTask[];
};

const NEW_TASKS: NewTasks = {
  enqueue: ([tasks], written) => tasks.filter((_, position) => (written as readonly boolean[])[position]),
  enqueueUnique: ([task], reply) => ((reply as UniqueReply).kind === 'started' ? [task] : []),
  makeFirings: ([{ tasks }]) => tasks,
};

export function makesTasks(verb: PropertyKey): verb is MakingVerb {
  return Object.hasOwn(NEW_TASKS, verb);
}

/** The tasks that a call has made, as its reply tells; of those that were there already it has made none. */
export function newTasksOf(verb: MakingVerb, args: readonly unknown[], reply: unknown): readonly NewTask[] {
  return (NEW_TASKS[verb] as (args: readonly unknown[], reply: unknown) => readonly NewTask[])(args, reply);
}

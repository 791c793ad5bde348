export const TASK_STATES = ['WAIT', 'RUNNING', 'SUCCESS', 'ERROR', 'EXCEPTION', 'STOPPED'] as const;

/** The `state` field of a task's hash; a hash without one waits. */
export type TaskState = (typeof TASK_STATES)[number];

/** The states in which a run has come to its end by itself. */
export type EndState = Extract<TaskState, 'SUCCESS' | 'ERROR' | 'EXCEPTION'>;

export function isTaskState(text: string): text is TaskState {
  return (TASK_STATES as readonly string[]).includes(text);
}

export function isEndState(state: TaskState): state is EndState {
  return state === 'SUCCESS' || state === 'ERROR' || state === 'EXCEPTION';
}

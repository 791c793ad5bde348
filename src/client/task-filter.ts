import { ConfigurationError } from '../errors';
import { taskDefinition } from '../metadata/task-definition';
import type { TaskQuery } from '../store/task-query';
import { type Duration, parseDuration } from '../task/duration';
import { suggestName } from '../task/nearest-name';
import { queueMistake } from '../task/queue-name';
import { shown } from '../task/shown';
import { isTaskState, TASK_STATES, type TaskState } from '../task/state';
import type { TaskClass } from '../task/task-class';

/** Which tasks are meant: those that have every property that is given. */
export interface TaskFilter {
  /** In this state, or in one of these. */
  readonly state?: TaskState | readonly TaskState[];
  /** Of this class or name, or of one of these. */
  readonly task?: TaskClass | string | readonly (TaskClass | string)[];
  /** That is, or was, taken from this queue, or from one of these. */
  readonly queue?: string | readonly string[];
  /** Created so long ago or longer, by the clock of Redis. Tasks of which nobody wrote when do not match, nor do they for `youngerThan`. */
  readonly olderThan?: Duration;
  /** Created so long ago or less. */
  readonly youngerThan?: Duration;
  /** True: local tasks alone. By default they are left out: the monitor and the cleanup of each worker are among them. */
  readonly local?: boolean;
}

/** A filter of at least one property; or all tasks but local ones, which must be asked for in so many words. */
export type BulkFilter = TaskFilter | { readonly all: true };

/** What each property says to the store. */
const READERS: { readonly [Name in keyof TaskFilter]-?: (value: unknown) => TaskQuery } = {
  state: (value) => ({ states: listOf(value, 'state').map(readState) }),
  task: (value) => ({ names: listOf(value, 'task').map(readName) }),
  queue: (value) => ({ queues: listOf(value, 'queue').map(readQueue) }),
  olderThan: (value) => ({ olderThanMs: parseDuration(value, 'olderThan') }),
  youngerThan: (value) => ({ youngerThanMs: parseDuration(value, 'youngerThan') }),
  local: (value) => {
    if (typeof value === 'boolean') return { local: value };
    throw new ConfigurationError(`local is ${String(value)}: give true for local tasks alone, or leave it out.`);
  },
};

const PROPERTIES = Object.keys(READERS);

/** @throws {ConfigurationError} A property or a value is not known. @throws {DeclarationError} A class is no task class. */
export function readFilter(filter: unknown): TaskQuery {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    throw new ConfigurationError(`The filter is ${String(filter)}: give an object such as { state: 'ERROR' }.`);
  }
  const parts = Object.entries(filter).map(([name, value]) => {
    const read = READERS[name as keyof TaskFilter];
    if (!Object.hasOwn(READERS, name)) {
      throw new ConfigurationError(`The filter has no property "${name}", ${suggestName(name, PROPERTIES)}`);
    }
    // A variable that was never set must not make it a filter for everything.
    if (value === undefined) throw new ConfigurationError(`${name} is undefined: give a value, or leave it out.`);
    return read(value);
  });
  return Object.assign({}, ...parts);
}

/** As `readFilter`. @throws {ConfigurationError} It is empty, and all tasks were not asked for. */
export function readBulkFilter(filter: unknown): TaskQuery {
  const { all, ...rest } = (filter ?? {}) as Readonly<Record<string, unknown>>;
  const count = Object.keys(rest).length;
  if (all === undefined) {
    const query = readFilter(filter);
    if (count > 0) return query;
    throw new ConfigurationError('The filter is empty: give { all: true } where all tasks are meant.');
  }
  if (all !== true) throw new ConfigurationError(`all is ${String(all)}: give true, or other properties instead.`);
  if (count === 0) return {};
  throw new ConfigurationError(`The filter has all beside ${Object.keys(rest).join(', ')}: give one or the other.`);
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 0) return list;
  throw new ConfigurationError(`${name} is an empty list, which no task matches: give one value or more.`);
}

function readState(state: unknown): TaskState {
  if (typeof state === 'string' && isTaskState(state)) return state;
  throw new ConfigurationError(`There is no state "${String(state)}": ${suggestName(String(state), TASK_STATES)}`);
}

function readQueue(queue: unknown): string {
  const mistake = queueMistake(queue);
  if (mistake === undefined) return queue as string;
  throw new ConfigurationError(`queue of the filter${mistake}.`);
}

/** Any name: it may be that of another program's task. */
function readName(task: unknown): string {
  if (typeof task === 'string' && task !== '') return task;
  if (typeof task === 'function') return taskDefinition(task as TaskClass).name;
  throw new ConfigurationError(`task is ${shown(task)}: give a task class, or the name of one.`);
}

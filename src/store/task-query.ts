import type { TaskTraits } from '../task/record';
import type { TaskState } from '../task/state';

/** Which tasks are meant: those that have every property that is given. */
export interface TaskQuery {
  /** One of these states. */
  readonly states?: readonly TaskState[];
  /** One of these names. */
  readonly names?: readonly string[];
  /** Of one of these queues. */
  readonly queues?: readonly string[];
  /** Created so long ago at least, by the store's clock. A task of which nobody wrote when it was created has no age. */
  readonly olderThanMs?: number;
  /** Created so long ago at most, by the store's clock; the same holds. */
  readonly youngerThanMs?: number;
  /** True: local tasks alone. False or absent: none of them, as they are their worker's. */
  readonly local?: boolean;
}

type Predicates = {
  readonly [Name in keyof TaskQuery]-?: (
    task: TaskTraits,
    wanted: NonNullable<TaskQuery[Name]>,
    nowMs: number,
  ) => boolean;
};

/** One for each property of a query, asked only where that is given. */
const PREDICATES: Predicates = {
  states: ({ state }, states) => states.includes(state),
  names: ({ name }, names) => name !== undefined && names.includes(name),
  queues: ({ queue }, queues) => queues.includes(queue),
  olderThanMs: ({ createdMs }, ageMs, nowMs) => createdMs !== undefined && nowMs - createdMs >= ageMs,
  youngerThanMs: ({ createdMs }, ageMs, nowMs) => createdMs !== undefined && nowMs - createdMs <= ageMs,
  local: ({ local }, wanted) => local === wanted,
};

/** @returns Whether a task matches, told `nowMs` by the store's clock. */
export function matcherOf(query: TaskQuery): (task: TaskTraits, nowMs: number) => boolean {
  const wanted = { local: false, ...query };
  const asked = Object.entries(PREDICATES).flatMap(([name, predicate]) => {
    const value: unknown = wanted[name as keyof TaskQuery];
    return value === undefined ? [] : [{ value, predicate: predicate as (...args: readonly unknown[]) => boolean }];
  });
  return (task, nowMs) => asked.every(({ value, predicate }) => predicate(task, value, nowMs));
}

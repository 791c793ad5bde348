import { DeclarationError } from '../errors';
import type { TaskClass } from '../task/task-class';
import { recordConstructor } from './constructor-parameters';
import { type Hook, readHooks } from './hooks';
import { className, defineMetadata, ownMetadata } from './reflection';
import { readInput, type TaskInput } from './task-input';
import { type ResolvedTaskOptions, readTaskOptions } from './task-options';

/** A task class as its decorators tell it. */
export interface TaskDefinition {
  readonly name: string;
  readonly taskClass: TaskClass;
  readonly options: ResolvedTaskOptions;
  /** undefined: the task takes no input. */
  readonly input: TaskInput | undefined;
  /** For events of this task's own runs. */
  readonly hooks: readonly Hook[];
}

const DEFINITION = Symbol('taskwarden.definition');

/**
 * Makes a class a task; `@Task` calls it when all other decorators of the class have run.
 * @throws {DeclarationError} Any mistake in the declaration of the class.
 */
export function defineTask(taskClass: TaskClass, name: unknown, options: unknown): void {
  assertName(name, taskClass);
  const earlier = ownMetadata<TaskDefinition>(DEFINITION, taskClass);
  if (earlier !== undefined) {
    throw new DeclarationError(`${className(taskClass)} has two @Task, "${earlier.name}" and "${name}": remove one.`);
  }
  if (typeof taskClass.prototype.start !== 'function') {
    throw new DeclarationError(
      `Task ${className(taskClass)} has no method start: add \`async start() { … }\` (a property that holds a function ` +
        'does not count).',
    );
  }
  const definition: TaskDefinition = {
    name,
    taskClass,
    options: readTaskOptions(options, taskClass),
    input: readInput(taskClass),
    hooks: readHooks(taskClass, name),
  };
  recordConstructor(taskClass);
  defineMetadata(DEFINITION, Object.freeze(definition), taskClass);
}

/**
 * What was declared of a task class.
 * @throws {DeclarationError} It is no class, or has no `@Task` of its own.
 */
export function taskDefinition(taskClass: TaskClass): TaskDefinition {
  if (typeof taskClass !== 'function') {
    throw new DeclarationError(
      `A task must be a class, not ${className(taskClass)}. If it is undefined, its file is probably imported in a circle.`,
    );
  }
  const definition = ownMetadata<TaskDefinition>(DEFINITION, taskClass);
  if (definition !== undefined) return definition;
  throw new DeclarationError(
    `${className(taskClass)} is not a task: put @Task('name') on the class itself; it is not inherited from a parent.`,
  );
}

/** Whether `@Task` stands on the value itself. */
export function isTaskClass(value: unknown): value is TaskClass {
  return typeof value === 'function' && ownMetadata(DEFINITION, value as TaskClass) !== undefined;
}

function assertName(name: unknown, taskClass: TaskClass): asserts name is string {
  if (typeof name === 'string' && name !== '' && !/[:*\s]/.test(name)) return;
  throw new DeclarationError(
    `@Task on ${className(taskClass)}: the name is ${JSON.stringify(name) ?? 'missing'}; ` +
      'it must be a non-empty text without ":", "*" or spaces, such as \'probe\'.',
  );
}

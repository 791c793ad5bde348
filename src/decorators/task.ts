import { DeclarationError } from '../errors';
import { className } from '../metadata/reflection';
import { defineTask } from '../metadata/task-definition';
import type { TaskOptions } from '../metadata/task-options';
import type { TaskClass } from '../task/task-class';

/**
 * Makes a class a task.
 * @param name What producers write into the field `task`; unique in an app.
 * @throws {DeclarationError} Any mistake in the declaration of the class, the other decorators' included.
 */
export function Task(name: string, options: TaskOptions = {}): (taskClass: TaskClass) => void {
  if (typeof name === 'function') {
    throw new DeclarationError(`@Task on ${className(name)} is not called: write @Task('name').`);
  }
  return (taskClass) => defineTask(taskClass, name, options);
}

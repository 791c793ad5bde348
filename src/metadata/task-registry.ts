import { ConfigurationError } from '../errors';
import type { TaskClass } from '../task/task-class';
import { className } from './reflection';
import { type TaskDefinition, taskDefinition } from './task-definition';

/** The tasks of one app, by name. */
export class TaskRegistry implements Iterable<TaskDefinition> {
  private readonly definitions = new Map<string, TaskDefinition>();

  /**
   * @throws {ConfigurationError} Two classes of one name, or a class named twice.
   * @throws {DeclarationError} Something in the list is not a task class.
   */
  constructor(taskClasses: readonly TaskClass[]) {
    for (const taskClass of taskClasses) this.add(taskDefinition(taskClass));
  }

  get(name: string): TaskDefinition | undefined {
    return this.definitions.get(name);
  }

  /** In the order in which the classes were given. */
  names(): readonly string[] {
    return [...this.definitions.keys()];
  }

  [Symbol.iterator](): Iterator<TaskDefinition> {
    return this.definitions.values();
  }

  private add(definition: TaskDefinition): void {
    const { name, taskClass } = definition;
    const earlier = this.definitions.get(name);
    if (earlier?.taskClass === taskClass) {
      throw new ConfigurationError(`Task "${name}" is given twice: remove one ${className(taskClass)} from the tasks.`);
    }
    if (earlier !== undefined) {
      throw new ConfigurationError(
        `Two tasks are named "${name}": ${className(earlier.taskClass)} and ${className(taskClass)}. Rename one of them.`,
      );
    }
    this.definitions.set(name, definition);
  }
}

import type { TaskDefinition } from '../metadata/task-definition';
import type { TaskInstance } from '../task/task-class';
import type { TaskContext } from '../task/task-context';

/** Gives an instance its input, where its class has a property for it. */
export function setInput(instance: TaskInstance, { input: declared }: TaskDefinition, input: unknown): void {
  const property = declared?.property;
  if (property !== undefined) (instance as unknown as Record<string | symbol, unknown>)[property] = input;
}

/** Calls `start`, with the input first where its class takes it so. */
export function startInstance(instance: TaskInstance, { input }: TaskDefinition, context: TaskContext): unknown {
  const started = instance as { start(...args: unknown[]): unknown };
  return input && input.property === undefined ? started.start(context.input, context) : started.start(context);
}

import { ConfigurationError } from '../errors';
import type { TaskDefinition } from '../metadata/task-definition';
import { laneOf } from '../task/lane';

/**
 * The lane in which a task waits for a place under the limits of its class.
 * @param input Validated.
 * @throws {ConfigurationError} The key function gives no text.
 * @throws What the key function throws.
 */
export function laneOfInput({ name, options }: TaskDefinition, input: object): string {
  const key = options.limit ? options.limit.keyOf(input) : '';
  if (typeof key === 'string') return laneOf(key);
  const shown = JSON.stringify(key) ?? String(key);
  throw new ConfigurationError(`limit.key of task "${name}" gives ${shown} for its input: it must give a text.`);
}

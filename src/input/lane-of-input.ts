import { InputError } from '../errors';
import type { TaskDefinition } from '../metadata/task-definition';
import { laneOf } from '../task/lane';

/** The lane of those that have no key. */
export const KEYLESS_LANE = laneOf('');

/**
 * The lane in which a task waits for a place under the limits of its class.
 * @param input Validated.
 * @throws {InputError} The key function throws, or gives no text.
 */
export function laneOfInput({ name, options }: TaskDefinition, input: object): string {
  if (!options.limit) return KEYLESS_LANE;
  let key: unknown;
  try {
    key = options.limit.keyOf(input);
  } catch (error) {
    throw keyless(name, `but threw: ${String(error)}`, error);
  }
  if (typeof key === 'string') return laneOf(key);
  throw keyless(name, `but gave ${key instanceof Promise ? 'a promise' : (JSON.stringify(key) ?? String(key))}`);
}

function keyless(taskName: string, what: string, cause?: unknown): InputError {
  const message = `must have a limit.key: its function is to give a text, ${what}`;
  return new InputError(taskName, [{ path: '', message }], cause === undefined ? {} : { cause });
}

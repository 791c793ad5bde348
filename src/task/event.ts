import { JsonValueError } from '../errors';

/** An event of a task, as it is published on the channel of its name. */
export class TaskEvent {
  constructor(
    readonly taskId: string,
    /** `start`, `success`, `error`, `exception`, … or a name of the task's own. */
    readonly event: string,
    /** Any JSON value; null where the sender gave none. */
    readonly data: unknown,
    /** The name of the task; undefined where it is not known (a plain `watch`). */
    readonly taskName?: string,
  ) {}
}

/** After one of these no run of the task goes on. */
export const FINAL_EVENTS: ReadonlySet<string> = new Set(['success', 'error', 'exception', 'stop', 'remove']);

/**
 * The text that goes over the wire: exactly the keys `event` and `data`.
 * @throws {JsonValueError} The data cannot be JSON.
 */
export function encodeEvent(event: string, data: unknown): string {
  return `{"event":${JSON.stringify(event)},"data":${encodeJson(data, `the data of event "${event}"`)}}`;
}

/** Reads an event's text; undefined where it is none (other programs may publish on the same channels). */
export function parseEvent(taskId: string, text: string): TaskEvent | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof message !== 'object' || message === null) return undefined;
  const { event, data } = message as { event?: unknown; data?: unknown };
  return typeof event === 'string' ? new TaskEvent(taskId, event, data ?? null) : undefined;
}

/**
 * JSON text of a value; `undefined` becomes `null`.
 * @param what Names the value in the error: "the output".
 * @throws {JsonValueError} A circle, a BigInt, a function or a symbol.
 */
export function encodeJson(value: unknown, what: string): string {
  if (value === undefined) return 'null';
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new JsonValueError(`${what} cannot be JSON: ${(error as Error).message}`, { cause: error });
  }
  if (text === undefined)
    throw new JsonValueError(`${what} cannot be JSON: it is a ${typeof value}; return plain data.`);
  return text;
}

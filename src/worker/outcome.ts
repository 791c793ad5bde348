import { TaskError } from '../errors';
import type { Outcome } from '../store/worker-store';
import { encodeEvent, encodeJson } from '../task/event';

const SELF_EXPLAINING: readonly unknown[] = ['INPUT_INVALID', 'TASK_UNKNOWN', 'TASK_TIMEOUT', 'TASK_DEADLINE'];

/** SUCCESS, with what `start` returned as JSON. An EXCEPTION where that cannot be JSON. */
export function outcomeOfValue(value: unknown): { readonly outcome: Outcome; readonly error?: unknown } {
  try {
    const output = encodeJson(value, 'the returned value');
    return { outcome: { state: 'SUCCESS', output, event: `{"event":"success","data":${output}}` } };
  } catch (error) {
    return { outcome: outcomeOfError(error), error };
  }
}

/** What was thrown, or an error in its place where that cannot even be looked at: whatever it was, the task has to end. */
export function readable(thrown: unknown): unknown {
  try {
    if (thrown instanceof TaskError) String(thrown.message);
    return thrown;
  } catch (cause) {
    return new Error(`A task threw what cannot be looked at: ${String(cause)}.`, { cause });
  }
}

/** ERROR for a `TaskError`, EXCEPTION for anything else that was thrown. */
export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof TaskError) {
    const message = String(error.message);
    return { state: 'ERROR', output: message, event: encodeEvent('error', message) };
  }
  const output = describeError(error);
  return { state: 'EXCEPTION', output, event: encodeEvent('exception', output) };
}

/** The stack, which tells the message too; the message alone of errors that explain themselves. */
function describeError(error: unknown): string {
  try {
    if (!(error instanceof Error)) return `A task threw ${typeof error} ${String(error)}, not an Error.`;
    const { code } = error as { code?: unknown };
    if (SELF_EXPLAINING.includes(code)) return String(error.message);
    const { stack = '' } = error;
    return stack.includes(error.message) ? stack : `${error.name}: ${error.message}\n${stack}`;
  } catch {
    // Whatever was thrown, the task has to end.
    return `A task threw what cannot be shown as text: ${Object.prototype.toString.call(error)}.`;
  }
}

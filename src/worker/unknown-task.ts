import { UnknownTaskError } from '../errors';
import type { OpenedRun } from '../store/worker-store';
import type { WorkerSettings } from './worker-settings';

/** What a run of a task fails with that nobody knows. */
export function unknownTask(
  { name }: Pick<OpenedRun, 'name'>,
  { unknownTaskTimeoutMs }: Pick<WorkerSettings, 'unknownTaskTimeoutMs'>,
): UnknownTaskError {
  if (name === undefined)
    return new UnknownTaskError('The hash has no field "task": write the name of the task there.');
  return new UnknownTaskError(
    `No worker knows the task "${name}"` +
      (unknownTaskTimeoutMs > 0 ? ` and none took it within ${unknownTaskTimeoutMs} ms.` : '.') +
      ' Is its class given to createApp({ tasks }), and its name spelt right?',
  );
}

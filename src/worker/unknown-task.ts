import { UnknownTaskError } from '../errors';

/** What a run ends with whose class nobody knows. @param name Undefined where the hash has none. */
export function unknownTask(name: string | undefined, unknownTaskTimeoutMs: number): UnknownTaskError {
  if (name === undefined)
    return new UnknownTaskError('The hash has no field "task": write the name of the task there.');
  return new UnknownTaskError(
    `No worker knows the task "${name}"` +
      (unknownTaskTimeoutMs > 0 ? ` and none took it within ${unknownTaskTimeoutMs} ms.` : '.') +
      ' Is its class given to createApp({ tasks }), and its name spelt right?',
  );
}

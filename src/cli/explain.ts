import {
  BulkControlError,
  ConfigurationError,
  DeclarationError,
  InputError,
  JsonValueError,
  ResultTimeoutError,
  StoreRefusedError,
  StoreUnavailableError,
  TaskExistsError,
  TaskFailedError,
  TaskIdError,
  TaskNotFoundError,
  TaskStoppedError,
  TaskwardenError,
  UnknownTaskError,
} from '../index';
import { CommandError } from './command-error';
import { EXIT, type ExitCode } from './exit-code';
import { printable } from './output/printable';

type ErrorClass = abstract new (...args: never[]) => Error;

const EXIT_CODES: readonly (readonly [readonly ErrorClass[], ExitCode])[] = [
  [
    [ConfigurationError, DeclarationError, InputError, JsonValueError, TaskExistsError, TaskIdError, UnknownTaskError],
    EXIT.usage,
  ],
  [[StoreUnavailableError, StoreRefusedError], EXIT.store],
  [[TaskNotFoundError], EXIT.missing],
  [[TaskFailedError], EXIT.failed],
  [[TaskStoppedError], EXIT.stopped],
  [[ResultTimeoutError], EXIT.timeout],
];

/** What standard error says of what a command threw: our own errors read as they are, any other is a fault to be reported. */
export function explain(error: unknown): string {
  // What a task failed with is a text of strangers; an error may have lines.
  if (error instanceof TaskwardenError) return `taskwarden: ${error.message.split('\n').map(printable).join('\n')}`;
  return `taskwarden: an unexpected fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  // Why it ended early is what counts.
  if (error instanceof BulkControlError) return exitCodeOf(error.cause);
  const found = EXIT_CODES.find(([classes]) => classes.some((one) => error instanceof one));
  return found?.[1] ?? EXIT.fault;
}

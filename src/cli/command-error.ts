import { TaskwardenError } from '../index';
import type { ExitCode } from './exit-code';

/** Ends the command with a line on standard error and this exit code. */
export class CommandError extends TaskwardenError {
  readonly code = 'COMMAND';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

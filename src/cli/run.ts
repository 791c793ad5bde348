import { CommanderError } from 'commander';
import { EXIT } from './exit-code';
import { exitCodeOf, explain } from './explain';
import { makeProgram } from './program';

/** Does what a command line says, and sets the exit code of the process. @param args Those after the command itself. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  try {
    await makeProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    // Commander has said what is wrong itself, on the way.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
      return;
    }
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

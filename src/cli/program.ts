import { Command } from 'commander';
import { addDoctor } from './commands/doctor';
import { addQueues } from './commands/queues';
import { addConnectionOptions } from './connection-options';
import { version } from './package-version';

/** The commands, in the order in which the help lists them. */
const COMMANDS: readonly ((program: Command) => void)[] = [addQueues, addDoctor];

/** The whole command line, as commander knows it. */
export function makeProgram(): Command {
  const program = new Command('taskwarden')
    .description('Starts, watches and controls supervised tasks on Redis')
    .version(version, '-V, --version')
    .option('--json', 'prints JSON, one value a line')
    .option('--no-color', 'prints no colours; so does NO_COLOR=1')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(taskwarden --help, or --help after a command, tells what there is)')
    .exitOverride();
  addConnectionOptions(program);
  for (const add of COMMANDS) add(program);
  return program;
}

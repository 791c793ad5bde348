import { Command } from 'commander';
import { addCompletion } from './commands/completion';
import { addReload, addRemove, addRestart, addStop } from './commands/control';
import { addDoctor } from './commands/doctor';
import { addInit } from './commands/init';
import { addLogs } from './commands/logs';
import { addLs } from './commands/ls';
import { addPause, addResume } from './commands/pause';
import { addQueues } from './commands/queues';
import { addSchedules } from './commands/schedules';
import { addShow } from './commands/show';
import { addStart } from './commands/start';
import { addStats } from './commands/stats';
import { addWatch } from './commands/watch';
import { addWorker } from './commands/worker';
import { addWorkers } from './commands/workers';
import { version } from './module/package-version';
import { addConnectionOptions } from './options/connection-options';

/** The commands, in the order in which the help lists them. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addInit,
  addWorker,
  addStart,
  addWatch,
  addLs,
  addShow,
  addLogs,
  addStop,
  addReload,
  addRestart,
  addRemove,
  addQueues,
  addPause,
  addResume,
  addSchedules,
  addWorkers,
  addStats,
  addDoctor,
];

/** The whole command line, as commander knows it. */
export function makeProgram(): Command {
  const program = withoutCompletion();
  addCompletion(program, withoutCompletion);
  return program;
}

function withoutCompletion(): Command {
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

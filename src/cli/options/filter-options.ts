import { type Command, Option } from 'commander';
import type { TaskFilter } from '../../index';
import { collect } from './collect';
import { readDuration } from './option-values';

/** The flags that say which tasks are meant, with the names of the client's filter. */
export interface FilterFlags {
  readonly task?: readonly string[];
  readonly state?: readonly string[];
  readonly queue?: readonly string[];
  readonly olderThan?: number;
  readonly youngerThan?: number;
  readonly local?: true;
}

export function addFilterOptions(command: Command): void {
  command
    .addOption(new Option('--state <states>', 'tasks in these states, such as ERROR,EXCEPTION').argParser(collect))
    .addOption(new Option('--task <names>', 'tasks of these names').argParser(collect))
    .addOption(new Option('--queue <names>', 'tasks of these queues').argParser(collect))
    .addOption(new Option('--older-than <duration>', 'created so long ago or longer').argParser(readDuration))
    .addOption(new Option('--younger-than <duration>', 'created so long ago or less').argParser(readDuration))
    .option('--local', 'local tasks alone, such as the monitor of each worker; else they are left out');
}

/** @returns Undefined where no flag of a filter was given. */
export function filterOf({ task, state, queue, olderThan, youngerThan, local }: FilterFlags): TaskFilter | undefined {
  const filter = {
    ...(task && { task }),
    // The client refuses what is no state. In the case of the letters there is no choice.
    ...(state && { state: state.map((one) => one.toUpperCase()) as never }),
    ...(queue && { queue }),
    ...(olderThan !== undefined && { olderThan }),
    ...(youngerThan !== undefined && { youngerThan }),
    ...(local && { local }),
  };
  return Object.keys(filter).length > 0 ? filter : undefined;
}

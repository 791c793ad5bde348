import { type Command, Option } from 'commander';
import type { TaskFilter } from '../../index';
import { collect } from './collect';
import { readDuration } from './option-values';

/** The flags that say which tasks are shown. */
export interface FilterFlags {
  readonly task?: readonly string[];
  readonly state?: readonly string[];
  readonly queue?: readonly string[];
  readonly olderThan?: number;
  readonly newerThan?: number;
  readonly local?: true;
}

export function addFilterOptions(command: Command): void {
  command
    .addOption(new Option('--state <states>', 'in these states, such as ERROR,EXCEPTION').argParser(collect))
    .addOption(new Option('--task <names>', 'of these names').argParser(collect))
    .addOption(new Option('--queue <names>', 'of these queues').argParser(collect))
    .addOption(new Option('--older-than <time>', 'created so long ago or longer: 30s, 1h, 7d').argParser(readDuration))
    .addOption(new Option('--newer-than <time>', 'created so long ago or less').argParser(readDuration))
    .option('--local', 'local tasks alone, such as the monitor of each worker; else they are left out');
}

export function taskFilterOf({ task, state, queue, olderThan, newerThan, local }: FilterFlags): TaskFilter {
  return {
    ...(task && { task }),
    // The client refuses what is no state. In the case of the letters there is no choice.
    ...(state && { state: state.map((one) => one.toUpperCase()) as never }),
    ...(queue && { queue }),
    ...(olderThan !== undefined && { olderThan }),
    ...(newerThan !== undefined && { youngerThan: newerThan }),
    ...(local && { local }),
  };
}

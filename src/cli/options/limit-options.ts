import type { Command } from 'commander';
import { readCount } from './option-values';

/** The flags that say how much of an answer is told. */
export interface LimitFlags {
  /** 0: all. Undefined: all as well, where a command has no default. */
  readonly limit?: number;
  readonly all?: true;
}

/** @param what The limit is of. @param most By default; undefined: all. */
export function addLimitOptions(command: Command, what: string, most?: number): void {
  command.option('-n, --limit <count>', `${what}; 0 for all`, readCount(0), most).option('--all', 'as --limit 0');
}

/** Infinity: all. */
export function limitOf({ limit = 0, all }: LimitFlags): number {
  return all || limit === 0 ? Number.POSITIVE_INFINITY : limit;
}

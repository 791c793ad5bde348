import { type Duration } from '../task/duration';
import { keysOf } from '../task/option-keys';

export interface MonitorOptions {
  /** Between two passes. Default 10s, as pytask. */
  readonly interval?: Duration;
  /**
   * So many workers in a row may die of a task, or lose its lease, before it ends as EXCEPTION. Default 5; Infinity: any
   * number. A run that went on for ten times `taskTimeout` begins the row anew.
   */
  readonly maxCrashes?: number;
  /**
   * How often to read everything in search of tasks that no queue or set knows, as a producer leaves them that dies between
   * its hash and its push, and to bring them back. Costs a look at every task. Default false: never.
   */
  readonly orphanScan?: Duration | false;
}

export const MONITOR_KEYS = keysOf<MonitorOptions>({ interval: true, maxCrashes: true, orphanScan: true });

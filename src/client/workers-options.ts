import { ConfigurationError } from '../errors';
import { checkKeys } from '../task/option-keys';
import { shown } from '../task/shown';

export interface WorkersOptions {
  /** False: `running` and `seenMs` are left undefined, and no run is read, which is most of what the look costs. Default true. */
  readonly runs?: boolean;
}

/** @throws {ConfigurationError} */
export function withRunsOf(options: WorkersOptions): boolean {
  checkKeys('workers', options, ['runs']);
  const { runs = true } = options;
  if (typeof runs === 'boolean') return runs;
  throw new ConfigurationError(`workers: runs is ${shown(runs)}: give true or false.`);
}

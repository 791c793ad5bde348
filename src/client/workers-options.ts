import { ConfigurationError } from '../errors';
import type { WorkersOptions } from '../store/task-reader';
import { checkKeys } from '../task/option-keys';
import { shown } from '../task/shown';

/** @throws {ConfigurationError} */
export function withRunsOf(options: WorkersOptions): boolean {
  checkKeys('workers', options, ['runs']);
  const { runs = true } = options;
  if (typeof runs === 'boolean') return runs;
  throw new ConfigurationError(`workers: runs is ${shown(runs)}: give true or false.`);
}

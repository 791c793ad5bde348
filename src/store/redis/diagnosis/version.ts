import { checksOf } from '../../diagnosis';
import { eachNode } from './check-view';

const { ok, note, error } = checksOf('version');
const LEAST = 7;

/** Scripts and commands of ours are those of Redis 7.0. */
export const checkVersion = eachNode((node) => {
  const version = node.info('redis_version');
  if (version === undefined) return note('this Redis does not tell its version');
  if (Number.parseInt(version, 10) < LEAST) return error(`Redis ${version}`, 'Redis 7.0 or later is needed.');
  return ok(`Redis ${version}`);
});

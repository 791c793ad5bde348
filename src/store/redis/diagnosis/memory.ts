import { checksOf } from '../../diagnosis';
import { eachNode } from './check-view';

const { ok, note, warning, error } = checksOf('memory');
const NEARLY_FULL = 0.9;
const MEGABYTE = 2 ** 20;

/** A Redis that evicts may drop a queue; one that is full takes no more tasks. */
export const checkMemory = eachNode((node) => {
  const policy = node.info('maxmemory_policy');
  const most = Number(node.info('maxmemory'));
  const used = Number(node.info('used_memory'));
  if (policy === undefined || Number.isNaN(most)) return note('this Redis does not tell its memory policy');
  const evicts = policy !== 'noeviction';
  if (most === 0) {
    const told = `${megabytes(used)} used, no maxmemory`;
    if (!evicts) return ok(told);
    return note(
      `${told}; maxmemory-policy is ${policy}`,
      'CONFIG SET maxmemory-policy noeviction before you set maxmemory.',
    );
  }
  const told = `${megabytes(used)} of ${megabytes(most)} used, maxmemory-policy ${policy}`;
  if (evicts) {
    const what = policy.startsWith('volatile-')
      ? 'drops ended tasks before their time, and marks by which nothing is done twice'
      : 'may drop a whole queue';
    return error(`${told}: it ${what}`, 'CONFIG SET maxmemory-policy noeviction, and in redis.conf.');
  }
  if (used > most * NEARLY_FULL)
    return warning(
      `${told}: nearly full`,
      'Raise maxmemory, or shorten the retention of the cleanup; a full Redis takes no new tasks.',
    );
  return ok(told);
});

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

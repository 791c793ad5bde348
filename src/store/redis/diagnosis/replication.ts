import { checksOf } from '../../diagnosis';
import { eachNode, readSetting } from './check-view';

const { ok, note, error } = checksOf('replication');

/** A replica takes no writes; a master without enough replicas may be told to take none. */
export const checkReplication = eachNode(async (node, { redis }) => {
  if (node.info('role') === 'slave')
    return error(
      'this Redis is a replica: it takes no writes',
      'Connect to the master, by sentinels if there are any.',
    );
  const replicas = Number(node.info('connected_slaves') ?? 0);
  const least = Number((await readSetting(redis, node, 'min-replicas-to-write')) ?? 0);
  if (least > 0 && Number(node.info('min_slaves_good_slaves') ?? replicas) < least)
    return error(
      `${replicas} replicas, and min-replicas-to-write is ${least}: Redis refuses writes`,
      'Bring the replicas back.',
    );
  if (replicas === 0) return note('no replicas: where this Redis is away, all waits');
  const asked = least > 0 ? `, min-replicas-to-write ${least}` : '';
  return ok(`${replicas} ${replicas === 1 ? 'replica' : 'replicas'}${asked}`);
});

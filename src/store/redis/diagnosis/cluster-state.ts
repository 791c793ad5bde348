import { checksOf } from '../../diagnosis';
import type { CheckFunction } from './check-view';

const { ok, error } = checksOf('cluster');
const SLOTS = 16_384;

export const checkCluster: CheckFunction = async ({ redis, nodes: [first] }) => {
  if (first === undefined || !redis.isCluster) return [];
  const text = await redis.call(() => first.client.cluster('INFO'));
  const field = (name: string) => new RegExp(`^${name}:(\\w+)`, 'm').exec(text)?.[1];
  const slots = Number(field('cluster_slots_ok'));
  if (field('cluster_state') === 'ok' && slots === SLOTS)
    return [ok(`a cluster of ${field('cluster_size')} masters, all ${SLOTS} slots covered`)];
  const remedy = 'redis-cli --cluster check, and --cluster fix; tasks of the other slots cannot be read.';
  return [error(`the cluster's state is ${field('cluster_state')}: ${slots} of ${SLOTS} slots are covered`, remedy)];
};

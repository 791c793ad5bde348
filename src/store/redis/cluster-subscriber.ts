import { type Cluster, Redis, type RedisOptions } from 'ioredis';
import type { ourOptions } from './redis-spec';

/**
 * A connection to one node of a cluster, which hears what is published on any; when it is lost, to the next node.
 * The subscriber that ioredis keeps within a cluster's client tries node after node without a pause while all are away,
 * tells nobody that it is lost, and does not notice that it is half open.
 * @param cluster Knows the nodes; it stays its owner's.
 */
export function openClusterSubscriber(cluster: Cluster, options: ReturnType<typeof ourOptions>): Redis {
  const { retryStrategy } = options;
  const client: Redis = new Redis({
    ...options,
    lazyConnect: true,
    retryStrategy: (attempt: number) => {
      // ioredis reads the address from its options whenever it connects.
      Object.assign(client.options, nextNode(cluster, client.options));
      return retryStrategy?.(attempt);
    },
  });
  const begin = () => {
    Object.assign(client.options, nextNode(cluster, client.options));
    client.connect().catch(() => {}); // The event `error` tells.
  };
  if (cluster.status === 'ready') begin();
  else cluster.once('ready', begin);
  // Nothing is heard any more on a node that has left, though it may live.
  cluster.on('-node', (node: Redis) => {
    if (addressOf(node) === addressOf(client)) client.disconnect(true);
  });
  return client;
}

/** How to reach the node after the present one, in the order in which the cluster's client lists them; nothing while it knows none. */
function nextNode(cluster: Cluster, present: RedisOptions): RedisOptions {
  const nodes = cluster.nodes('all');
  const position = nodes.findIndex(({ options }) => options.host === present.host && options.port === present.port);
  const next = nodes[(position + 1) % nodes.length];
  if (!next) return {};
  const { host, port, username, password, tls, family } = next.options;
  return Object.fromEntries(
    Object.entries({ host, port, username, password, tls, family }).filter(([, value]) => value !== undefined),
  );
}

function addressOf({ options }: Redis): string {
  return `${options.host}:${options.port}`;
}

import { Cluster, type ClusterNode, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { ConfigurationError } from '../../errors';

/** Where Redis is: a URL, ioredis options (sentinels among them), a cluster's nodes, or a client to copy. */
export type RedisSpec =
  | string
  | RedisOptions
  | { readonly cluster: readonly ClusterNode[]; readonly options?: ClusterOptions }
  | Redis
  | Cluster;

export type RedisClient = Redis | Cluster;

/** What a connection is for; each process opens at most one of each, and `replication` only where it is asked for. */
export type ConnectionRole = 'commands' | 'blocking' | 'subscriber' | 'replication';

const PLACES =
  'give a URL such as redis://localhost:6379 or rediss://user:password@host:6380/0 (what is special in a password percent-encoded), ' +
  'ioredis options, { cluster: [{ host, port }] }, or a client.';

/** Without a reply for so long a connection with commands under way counts as dead, and is opened anew. */
export const SILENCE_LIMIT_MS = 5_000;
/** Who waits for Redis is to go on within two seconds of its return: this, and a retry that has just begun in vain. */
const LONGEST_RECONNECT_DELAY_MS = 500;
/** A packet that was lost on the way is sent again after one second, then two, then four: a new attempt is sooner. */
const DEFAULTS = { connectTimeout: 2_000 } as const;

/**
 * Opens a client of our own; a ready client that was given is copied, and stays its owner's.
 * @param spec One that `describeSpec` has accepted.
 * @param leavesReplica Asked when a replica refuses a write: whether to connect anew, to whoever is master by now.
 * @throws {ConfigurationError} It has a key prefix.
 */
export function openClient(spec: RedisSpec, role: ConnectionRole, leavesReplica: () => boolean): RedisClient {
  const options = ourOptions(role, leavesReplica);
  if (typeof spec === 'string') return new Redis(checkedUrl(spec), { ...DEFAULTS, ...options });
  if (isClient(spec)) {
    refuseKeyPrefix(spec.options.keyPrefix);
    if (!isCluster(spec)) return spec.duplicate(options);
    return spec.duplicate([], ourClusterOptions(options, spec.options));
  }
  if ('cluster' in spec) {
    refuseKeyPrefix(spec.options?.keyPrefix);
    return new Cluster([...spec.cluster], ourClusterOptions(options, spec.options));
  }
  refuseKeyPrefix(spec.keyPrefix);
  return new Redis({ ...DEFAULTS, ...spec, ...options });
}

/**
 * Where it is, for messages: no password in it.
 * @throws {ConfigurationError} The specification is no place of a Redis.
 */
export function describeSpec(spec: RedisSpec): string {
  if (typeof spec === 'string') {
    const url = new URL(checkedUrl(spec));
    return `${url.hostname}:${url.port || '6379'}`;
  }
  if (typeof spec !== 'object' || spec === null) throw new ConfigurationError(`redis is ${String(spec)}: ${PLACES}`);
  if (isClient(spec)) {
    return isCluster(spec) ? 'the cluster of the given client' : describeSpec(spec.options);
  }
  if ('cluster' in spec) {
    if (!Array.isArray(spec.cluster) || spec.cluster.length === 0) {
      throw new ConfigurationError('redis.cluster must list at least one node: { cluster: [{ host, port }] }.');
    }
    return `the cluster ${spec.cluster.map(describeNode).join(', ')}`;
  }
  const { sentinels, name, host = 'localhost', port = 6379, path } = spec as RedisOptions;
  if (sentinels) return `the master "${name}" named by sentinels`;
  return path ?? `${host}:${port}`;
}

export function isCluster(client: RedisClient): client is Cluster {
  return (client as { isCluster?: boolean }).isCluster === true;
}

/** Whether a replica refused a write, or a wait ended as the master became one; older scripts say so within the message. */
export function isReadOnly(error: Error): boolean {
  return /\bREADONLY\b|^UNBLOCKED.*instance state changed/.test(error.message);
}

/** By shape, not by class: the given client may come from another copy of ioredis. */
function isClient(spec: Exclude<RedisSpec, string>): spec is RedisClient {
  return typeof (spec as { duplicate?: unknown }).duplicate === 'function';
}

/** The shape of replies is part of our contract with ioredis, whatever the given options say. */
interface LegacyReplies {
  readonly replyMapping: 'legacy';
}

export function ourOptions(role: ConnectionRole, leavesReplica: () => boolean): RedisOptions & LegacyReplies {
  return {
    replyMapping: 'legacy',
    connectionName: `taskwarden:${role}`,
    // A command is sent once, and its loss reported: only we know what may be repeated.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 50, LONGEST_RECONNECT_DELAY_MS),
    reconnectOnError: (error) => (isReadOnly(error) && leavesReplica() ? 1 : false),
    // ioredis's timer for it would hold the process for two seconds when Redis is away.
    disconnectTimeout: 100,
    // Redis tells when it will have loaded its data, in whole seconds; asking is cheap.
    maxLoadingRetryTime: LONGEST_RECONNECT_DELAY_MS,
    socketTimeout: SILENCE_LIMIT_MS,
    // Off, as RedisEventBus subscribes again by itself: ioredis forgets what it could not subscribe again because of a
    // second break, and does not catch its failure.
    autoResubscribe: false,
  };
}

function ourClusterOptions(ours: RedisOptions & LegacyReplies, given: ClusterOptions = {}) {
  const { enableOfflineQueue: _, ...nodeOptions } = ours;
  return {
    ...given,
    clusterRetryStrategy: (attempt: number) => Math.min(attempt * 50, LONGEST_RECONNECT_DELAY_MS),
    enableOfflineQueue: false,
    redisOptions: { ...DEFAULTS, ...given.redisOptions, ...nodeOptions },
  };
}

/** Of a text that is not as it should be, the password may stand anywhere: only what looks like a plain host is shown. */
function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^rediss?:$/.test(url.protocol)) {
    throw new ConfigurationError(`redis is ${/^[\w.:-]+$/.test(text) ? `"${text}"` : 'no URL of a Redis'}: ${PLACES}`);
  }
  if (!/^\/?\d*$/.test(url.pathname)) {
    // It would be asked for as database NaN, in an error that nobody can catch.
    throw new ConfigurationError(
      `redis names the database "${url.pathname.slice(1)}": a database is a number, such as redis://localhost:6379/1.`,
    );
  }
  refuseKeyPrefix(url.searchParams.get('keyPrefix') ?? undefined);
  return text;
}

function refuseKeyPrefix(keyPrefix: string | undefined): void {
  if (!keyPrefix) return;
  throw new ConfigurationError(
    `redis.keyPrefix is "${keyPrefix}", but ioredis prefixes neither channels nor the keys made in scripts: set names.taskPrefix, names.taskSet, names.newQueue and names.endQueue instead.`,
  );
}

function describeNode(node: ClusterNode): string {
  if (typeof node === 'string' || typeof node === 'number') return String(node);
  return `${node.host ?? 'localhost'}:${node.port ?? 6379}`;
}

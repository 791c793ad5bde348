import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_WIRE_NAMES, type RedisSpec, type WireNames } from '../../index';
import { CommandError } from '../command-error';
import { EXIT } from '../exit-code';

const DEFAULT_URL = 'redis://localhost:6379';
const PROTOCOLS = ['redis:', 'rediss:'];

/** What every command knows of where Redis is, as commander hands it over. */
export interface ConnectionOptions extends WireNames {
  readonly redis: readonly URL[];
  readonly cluster?: true;
  readonly sentinel?: string;
}

/** Adds the flags that all commands share; they may stand before or after the name of the command. */
export function addConnectionOptions(program: Command): void {
  const names = DEFAULT_WIRE_NAMES;
  const redis = new Option(
    '-r, --redis <urls>',
    'where Redis is; of a cluster or of sentinels several, with commas between',
  )
    .default([new URL(DEFAULT_URL)], DEFAULT_URL)
    .argParser(readUrls);
  // As compose files and scripts leave it: a variable that is empty is not set.
  if (process.env.REDIS_URL !== '') redis.env('REDIS_URL');
  program
    .addOption(redis)
    .addOption(new Option('--cluster', 'the URLs are nodes of a Redis Cluster').conflicts('sentinel'))
    .option('--sentinel <name>', 'the URLs are sentinels, of the master of this name')
    .option('--task-prefix <text>', 'before the id, for hashes and channels', names.taskPrefix)
    .option('--task-set <key>', 'the set of active ids', names.taskSet)
    .option('--new-queue <key>', 'the list of ids to start', names.newQueue)
    .option('--end-queue <key>', 'the list of ids that ended', names.endQueue);
}

/**
 * For `createApp({ redis })`: user, password, TLS and database are those of the first URL.
 * @throws {CommandError} There are several, and it is not said what they are.
 */
export function redisSpecOf({ redis, cluster, sentinel }: ConnectionOptions): RedisSpec {
  const [first] = redis as readonly [URL, ...URL[]];
  if (!cluster && sentinel === undefined) {
    if (redis.length === 1) return first.href;
    throw new CommandError(
      EXIT.usage,
      `--redis has ${redis.length} URLs: say what they are by --cluster or --sentinel <name>, or give one.`,
    );
  }
  const nodes = redis.map((url) => ({ host: hostOf(url), port: Number(url.port || (cluster ? 6379 : 26379)) }));
  const access = {
    ...(first.username !== '' && { username: decodeURIComponent(first.username) }),
    ...(first.password !== '' && { password: decodeURIComponent(first.password) }),
    ...(first.protocol === 'rediss:' && { tls: {} }),
  };
  if (cluster) return { cluster: nodes, options: { redisOptions: access } };
  return { ...access, sentinels: nodes, name: sentinel as string, db: Number(first.pathname.slice(1) || 0) };
}

export function wireNamesOf({ taskPrefix, taskSet, newQueue, endQueue }: ConnectionOptions): WireNames {
  return { taskPrefix, taskSet, newQueue, endQueue };
}

function readUrls(text: string): URL[] {
  return text.split(',').map((part) => {
    const given = part.trim();
    // `localhost:6379` alone would be read as a protocol.
    const full = given.includes('://') ? given : `redis://${given}`;
    const url = URL.canParse(full) ? new URL(full) : undefined;
    if (url && url.hostname !== '' && PROTOCOLS.includes(url.protocol)) return url;
    throw new InvalidArgumentError(
      `"${withoutPassword(given)}" is no URL of a Redis: write it as redis://localhost:6379, or rediss://user:password@host:6380/0 (what is special in a password percent-encoded).`,
    );
  });
}

/** Addresses of IPv6 stand in brackets in a URL, and nowhere else. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function withoutPassword(text: string): string {
  return text.replace(/:[^:@/]*@/, ':…@');
}

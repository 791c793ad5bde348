import { type RedisServer, startEach, startRedis, stopEach } from './redis-server';
import { waitUntil } from './wait-until';

const QUORUM = 2;
const SENTINELS = 3;

export interface RedisSentinels {
  /** The first master; `master.crash()` makes the sentinels promote the replica. */
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly RedisServer[];
  /** What the sentinels call the master. */
  readonly name: string;
  /** For `new Redis({ sentinels: sentinelNodes, name })`. */
  readonly sentinelNodes: readonly { readonly host: string; readonly port: number }[];
  stop(): Promise<void>;
}

/** Starts a master, its replica and three sentinels, and waits until every sentinel knows all of them. */
export async function startSentinels(): Promise<RedisSentinels> {
  const name = 'main';
  const started: RedisServer[] = [];
  try {
    const fastSync = 'repl-diskless-sync-delay 0';
    const master = await startRedis({ settings: [fastSync] });
    started.push(master);
    const replica = await startRedis({ settings: [fastSync, `replicaof ${master.host} ${master.port}`] });
    started.push(replica);
    // A sentinel asks a master for its replicas once in ten seconds: this one must be there at the first asking.
    await follows(replica);
    const settings = [
      `sentinel monitor ${name} ${master.host} ${master.port} ${QUORUM}`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 5000`,
    ];
    const sentinels = await startEach(Array(SENTINELS).fill({ role: 'sentinel', settings }));
    started.push(...sentinels);
    await Promise.all(sentinels.map((sentinel) => knowsAll(sentinel, name)));
    return {
      master,
      replica,
      sentinels,
      name,
      sentinelNodes: sentinels.map(({ host, port }) => ({ host, port })),
      stop: () => stopEach(started),
    };
  } catch (error) {
    await stopEach(started);
    throw error;
  }
}

async function follows(replica: RedisServer): Promise<void> {
  const connection = replica.connect();
  try {
    await waitUntil('the replica follows', async () =>
      /master_link_status:up/.test(await connection.info('replication')),
    );
  } finally {
    connection.disconnect();
  }
}

async function knowsAll(sentinel: RedisServer, name: string): Promise<void> {
  const connection = sentinel.connect();
  try {
    await waitUntil('a sentinel knows the others', async () => {
      const answer = (await connection.call('SENTINEL', 'MASTER', name)) as string[];
      const value = (field: string) => answer[answer.indexOf(field) + 1];
      return value('num-slaves') === '1' && value('num-other-sentinels') === String(SENTINELS - 1);
    });
  } finally {
    connection.disconnect();
  }
}

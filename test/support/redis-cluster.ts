import type { Redis } from 'ioredis';
import { type RedisServer, startEach, stopEach } from './redis-server';
import { waitUntil } from './wait-until';

const MASTERS = 3;
const SLOTS = 16_384;

export interface ClusterOptions {
  /** Replicas of each master. */
  readonly replicas?: 0 | 1;
  /** How long a node may be silent. Short with replicas, so that a failover takes seconds; else never mind a slow machine. */
  readonly nodeTimeoutMs?: number;
}

/** Three masters, and as many replicas if asked for; `masters[i]` was the first master of `replicas[i]`. */
export interface RedisCluster {
  readonly masters: readonly RedisServer[];
  readonly replicas: readonly RedisServer[];
  /** For `new Cluster(startupNodes)`. */
  readonly startupNodes: readonly { readonly host: string; readonly port: number }[];
  stop(): Promise<void>;
}

/** Starts a Redis Cluster and waits until every node serves; Redis itself takes two seconds over that. */
export async function startCluster({ replicas = 0, nodeTimeoutMs }: ClusterOptions = {}): Promise<RedisCluster> {
  const settings = [
    `cluster-node-timeout ${nodeTimeoutMs ?? (replicas > 0 ? 1_500 : 5_000)}`,
    'cluster-migration-barrier 10',
    'repl-diskless-sync-delay 0',
  ];
  const nodes = await startEach(Array(MASTERS * (1 + replicas)).fill({ role: 'cluster-node', settings }));
  const connections = nodes.map((node) => node.connect());
  try {
    await form(nodes, connections);
  } catch (error) {
    await stopEach(nodes);
    throw error;
  } finally {
    for (const connection of connections) connection.disconnect();
  }
  return {
    masters: nodes.slice(0, MASTERS),
    replicas: nodes.slice(MASTERS),
    startupNodes: nodes.map(({ host, port }) => ({ host, port })),
    stop: () => stopEach(nodes),
  };
}

async function form(nodes: readonly RedisServer[], connections: readonly Redis[]): Promise<void> {
  await Promise.all(connections.map((connection, index) => prepare(connection, index)));
  // Everybody meets everybody: gossip would spread the word too, but takes seconds.
  await Promise.all(
    connections.flatMap((connection) => nodes.map(({ host, port }) => connection.cluster('MEET', host, port))),
  );
  const masterIds = await Promise.all(connections.slice(0, MASTERS).map((connection) => connection.cluster('MYID')));
  await Promise.all(
    connections.slice(MASTERS).map(async (connection, index) => {
      await waitUntil('a replica knows its master', () => knows(connection, String(masterIds[index])));
      await connection.cluster('REPLICATE', String(masterIds[index]));
    }),
  );
  await waitUntil('the cluster serves', async () => {
    const answers = await Promise.all(connections.map((connection) => isReady(connection, nodes.length)));
    return answers.every(Boolean);
  });
}

async function prepare(connection: Redis, index: number): Promise<void> {
  await connection.cluster('SET-CONFIG-EPOCH', index + 1);
  if (index >= MASTERS) return;
  const first = Math.ceil((index * SLOTS) / MASTERS);
  const end = Math.ceil(((index + 1) * SLOTS) / MASTERS);
  await connection.cluster('ADDSLOTS', ...Array.from({ length: end - first }, (_, offset) => first + offset));
}

async function knows(connection: Redis, nodeId: string): Promise<boolean> {
  const nodes = String(await connection.cluster('NODES')).split('\n');
  return nodes.some((line) => line.startsWith(nodeId) && line.includes('master') && !line.includes('handshake'));
}

/** The node serves, knows all others, each replica included, and is in step with its master. */
async function isReady(connection: Redis, nodeCount: number): Promise<boolean> {
  const info = String(await connection.cluster('INFO'));
  const lines = String(await connection.cluster('NODES'))
    .trim()
    .split('\n');
  const settled = lines.filter((line) => !/handshake|noaddr|fail/.test(line));
  const replicas = lines.filter((line) => line.includes('slave')).length;
  const inStep = /role:master|master_link_status:up/.test(await connection.info('replication'));
  return (
    info.includes('cluster_state:ok') &&
    settled.length === nodeCount &&
    lines.length === nodeCount &&
    replicas === nodeCount - MASTERS &&
    inStep
  );
}

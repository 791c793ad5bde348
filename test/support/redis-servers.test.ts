import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { Cluster, Redis } from 'ioredis';
import { runScript } from './child-process';
import { startCluster } from './redis-cluster';
import { startSentinels } from './redis-sentinel';
import { type RedisServer, startRedis } from './redis-server';
import { useServer } from './use-server';
import { waitUntil } from './wait-until';

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function expectNothingLeft(servers: readonly RedisServer[], stop: () => Promise<void>): Promise<void> {
  const folders = servers.map(({ folder }) => folder);
  const pids = servers.map(({ pid }) => pid);
  expect(pids.every(isAlive)).toBe(true);
  await stop();
  expect(pids.filter(isAlive)).toEqual([]);
  expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
}

async function withConnection<Answer>(
  server: RedisServer,
  use: (connection: Redis) => Promise<Answer>,
): Promise<Answer> {
  const connection = server.connect();
  try {
    return await use(connection);
  } finally {
    connection.disconnect();
  }
}

describe('a single Redis', () => {
  const shared = useServer(() => startRedis({ settings: ['maxmemory 64mb'] }));

  test('serves with the settings asked for', async () => {
    await expect(withConnection(shared(), (redis) => redis.config('GET', 'maxmemory'))).resolves.toEqual([
      'maxmemory',
      String(64 * 1024 * 1024),
    ]);
  });

  test('many at once have ports of their own and leave nothing behind', async () => {
    const servers = await Promise.all(Array.from({ length: 5 }, () => startRedis()));
    expect(new Set(servers.map(({ port }) => port)).size).toBe(5);
    await expectNothingLeft(servers, async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await servers[0]?.stop();
    });
  });

  test.each([
    [true, 'kept'],
    [false, null],
  ])('a restart with appendOnly %p finds %p on the same port', async (appendOnly, found) => {
    const server = await startRedis({ appendOnly });
    try {
      await withConnection(server, (redis) => redis.set('key', 'kept'));
      await server.crash();
      await expect(isListening(server.port)).resolves.toBe(false);
      await server.revive();
      await expect(withConnection(server, (redis) => redis.get('key'))).resolves.toBe(found);
    } finally {
      await server.stop();
    }
  });

  test('one that hangs is stopped too', async () => {
    const server = await startRedis();
    process.kill(server.pid, 'SIGSTOP');
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  test('a setting Redis refuses is reported with its words', async () => {
    await expect(startRedis({ settings: ['no-such-setting 1'] })).rejects.toThrow('no-such-setting');
  });

  test('does not outlive a process that was killed', async () => {
    const owner = await runScript('test/support/orphan-maker.ts');
    const [, port = NaN, folder = ''] = (await owner.waitForLine('redis ')).split(' ');
    await expect(isListening(Number(port))).resolves.toBe(true);
    owner.kill('SIGKILL');
    await waitUntil('the orphan is gone', async () => !(await isListening(Number(port))));
    await rm(folder, { recursive: true });
    await expect(owner.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  });
});

test('a cluster of three masters serves every slot and leaves nothing behind', async () => {
  const cluster = await startCluster();
  const client = new Cluster([...cluster.startupNodes]);
  await Promise.all(Array.from({ length: 100 }, (_, index) => client.set(`key-${index}`, index)));
  const sizes = await Promise.all(cluster.masters.map((master) => withConnection(master, (redis) => redis.dbsize())));
  client.disconnect();
  expect(sizes.reduce((sum, size) => sum + size)).toBe(100);
  expect(Math.min(...sizes)).toBeGreaterThan(0);
  expect(cluster.replicas).toEqual([]);
  await expectNothingLeft(cluster.masters, cluster.stop);
});

test('a replica of the cluster takes over from its crashed master', async () => {
  const cluster = await startCluster({ replicas: 1 });
  const [master] = cluster.masters;
  const [replica] = cluster.replicas;
  try {
    await master?.crash();
    await waitUntil('the replica is master', async () =>
      replica === undefined ? false : /role:master/.test(await withConnection(replica, (redis) => redis.info())),
    );
  } finally {
    await cluster.stop();
  }
});

test('the sentinels lead a client to the promoted replica and leave nothing behind', async () => {
  const setup = await startSentinels();
  const client = new Redis({ sentinels: [...setup.sentinelNodes], name: setup.name });
  client.on('error', () => {});
  await client.set('key', 'before');
  await client.wait(1, 1_000);
  await setup.master.crash();
  await waitUntil('a write reaches the new master', async () => (await client.set('key', 'after')) === 'OK');
  client.disconnect();
  await expect(withConnection(setup.replica, (redis) => redis.get('key'))).resolves.toBe('after');
  await expectNothingLeft([setup.replica, ...setup.sentinels], setup.stop);
});

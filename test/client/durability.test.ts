import { type AppOptions, createApp, Task, type TaskClient } from 'taskwarden';
import { startCluster } from '../support/redis-cluster';
import { type RedisServer, startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { waitUntil } from '../support/wait-until';

@Task('any')
class Any {
  start(): void {}
}

const REPLICATED = { durability: 'replicated' } as const;
/** For what must come in the end. */
const PATIENT = { ...REPLICATED, replicationTimeout: '20s' } as const;

/** An app that only starts tasks. */
async function withClient<T>(redis: AppOptions['redis'], use: (client: TaskClient) => Promise<T>): Promise<T> {
  const app = await createApp({ tasks: [Any], worker: false, logger: false, ...(redis ? { redis } : {}) });
  try {
    return await use(app.client);
  } finally {
    await app.close();
  }
}

describe('a start with durability: replicated', () => {
  const master = useServer(() => startRedis());
  let replica: RedisServer;

  beforeAll(async () => {
    const settings = ['repl-diskless-sync-delay 0', `replicaof ${master().host} ${master().port}`];
    replica = await startRedis({ settings });
    const connection = replica.connect();
    await waitUntil('the replica follows', async () =>
      /master_link_status:up/.test(await connection.info('replication')),
    );
    connection.disconnect();
  });
  afterAll(() => replica.stop());

  test('resolves when a replica has the task', async () => {
    const { id } = await withClient(master().url, (client) => client.start(Any, undefined, PATIENT));
    const connection = replica.connect();
    expect(await connection.hget(`task-${id}`, 'task')).toBe('any');
    expect(await connection.lpos('new-task', id)).not.toBeNull();
    connection.disconnect();
  });

  test('says when none came, holds up nothing else meanwhile, and the task is enqueued', async () => {
    process.kill(replica.pid, 'SIGSTOP');
    await withClient(master().url, async (client) => {
      const options = { ...REPLICATED, replicationTimeout: '3s', id: 'alone' };
      const ended: string[] = [];
      const alone = client.start(Any, undefined, options).finally(() => ended.push('alone'));
      const rejected = expect(alone).rejects.toMatchObject({
        code: 'NOT_REPLICATED',
        taskId: 'alone',
        message: expect.stringMatching(/is enqueued and will run, but no replica confirmed it within 3000 ms/),
      });
      await client.start(Any).then(() => ended.push('another'));
      await rejected;
      expect(ended).toEqual(['another', 'alone']);
      expect(await client.get('alone')).toMatchObject({ state: 'WAIT' });
    }).finally(() => process.kill(replica.pid, 'SIGCONT'));
  });

  test('of many waits once a chunk, and reports what no replica has confirmed', async () => {
    const tasks = (from: number, count: number) =>
      Array.from({ length: count }, (_, n): [string, object] => [`many-${from + n}`, {}]);
    await withClient(master().url, async (client) => {
      expect(await client.startMany('foreign', tasks(0, 600), PATIENT)).toEqual({
        started: 600,
        duplicates: 0,
        refusedCount: 0,
        refused: [],
        notReplicated: { count: 0, first: [] },
      });
      process.kill(replica.pid, 'SIGSTOP');
      try {
        const report = await client.startMany('foreign', tasks(600, 600), { ...REPLICATED, replicationTimeout: 100 });
        expect(report).toMatchObject({ started: 600, notReplicated: { count: 600 } });
        expect(report.notReplicated?.first).toHaveLength(100);
        expect(report.notReplicated?.first[99]).toEqual({ index: 99, id: 'many-699' });
      } finally {
        process.kill(replica.pid, 'SIGCONT');
      }
      await expect(client.startMany(Any, [], { durability: 'twice' as 'accepted' })).rejects.toThrow(
        /durability is "twice"/,
      );
    });
  });

  test('says that the embedded store has no replica', async () => {
    await withClient(undefined, async (client) => {
      await expect(client.start(Any, undefined, REPLICATED)).rejects.toMatchObject({ code: 'NOT_REPLICATED' });
    });
  });

  test('is refused with another word, or no time', async () => {
    await withClient(undefined, async (client) => {
      const start = (options: object) => client.start(Any, undefined, options);
      await expect(start({ durability: 'twice' })).rejects.toThrow(
        /durability is "twice": give 'accepted' or 'replicated'/,
      );
      await expect(start({ ...REPLICATED, replicationTimeout: 0 })).rejects.toThrow(/replicationTimeout must be more/);
    });
  });

  test('waits for the replicas of both masters of a cluster', async () => {
    const cluster = await startCluster({ replicas: 1, nodeTimeoutMs: 5_000 });
    try {
      const redis = { cluster: cluster.startupNodes };
      const { id } = await withClient(redis, (client) => client.start(Any, undefined, PATIENT));
      const found = await Promise.all(
        cluster.replicas.map(async (node) => {
          const connection = node.connect();
          await connection.readonly();
          const keys = await connection.keys('*');
          connection.disconnect();
          return keys;
        }),
      );
      expect(found.flat()).toEqual(expect.arrayContaining([`task-${id}`, 'new-task']));
      const many = () => withClient(redis, (client) => client.startMany('foreign', new Array(50).fill({}), PATIENT));
      expect(await many()).toMatchObject({ started: 50, notReplicated: { count: 0 } });
    } finally {
      await cluster.stop();
    }
  });
});

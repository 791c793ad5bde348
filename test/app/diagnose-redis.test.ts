import type { Redis } from 'ioredis';
import {
  type Check,
  ConfigurationError,
  createApp,
  type Diagnosis,
  diagnoseRedis,
  StoreUnavailableError,
  Task,
} from 'taskwarden';
import { eventually } from '../support/eventually';
import { startCluster } from '../support/redis-cluster';
import { type RedisServer, startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

@Task('diagnosed')
class Brief {
  async start(): Promise<void> {}
}

const find = ({ checks }: Diagnosis, name: Check['name']) => checks.filter((check) => check.name === name);
const bad = ({ checks }: Diagnosis) => checks.filter(({ mark }) => mark === 'warning' || mark === 'error');

describe('diagnoseRedis', () => {
  const server = useServer(() => startRedis());
  let raw: Redis;

  beforeEach(async () => {
    raw = server().connect();
    await raw.flushall();
  });

  afterEach(() => raw.disconnect());

  const look = () => diagnoseRedis(server().url, { settle: 0 });
  const mark = async (name: Check['name'], on: RedisServer = server()) => {
    const [check] = find(await diagnoseRedis(on.url, { settle: 0 }), name);
    return `${check?.mark}: ${check?.message}`;
  };

  test('finds nothing to do on a new Redis, and leaves no connection behind', async () => {
    const diagnosis = await look();
    expect(bad(diagnosis)).toEqual([]);
    expect(find(diagnosis, 'version')).toMatchObject([{ mark: 'ok', message: expect.stringMatching(/^Redis \d/) }]);
    expect(diagnosis.places).toEqual({ ids: 0, findings: [] });
    expect(await raw.client('LIST')).not.toContain('taskwarden:');
    expect(await raw.keys('*')).toEqual([]);
  });

  test('finds nothing to do beside an app at work, and sees its monitor', async () => {
    const app = await createApp({ redis: server().url, tasks: [Brief], logger: false });
    await app.start();
    await (await app.client.start(Brief)).result();
    await eventually(async () => expect(await raw.exists('{tasks}:monitor')).toBe(1));
    const diagnosis = await look();
    await app.close();
    expect(bad(diagnosis)).toEqual([]);
    expect(find(diagnosis, 'monitor')).toEqual([{ name: 'monitor', mark: 'ok', message: 'a monitor is at work' }]);
    expect(find(diagnosis, 'clients')[0]?.message).toMatch(/^1 other process/);
  });

  test('tells queues that nobody takes from, and paused ones without a warning', async () => {
    await raw.sadd('{new-task}:queues', 'mail', 'idle');
    await raw.hset('task-a', { task: 'x', created: Date.now() - 300_000 });
    await raw.lpush('new-task', 'a');
    await raw.lpush('new-task:mail', 'b');
    await raw.set('{new-task:mail}:paused', '1');
    expect(find(await look(), 'queue')).toEqual([
      {
        name: 'queue',
        mark: 'warning',
        message: 'default: 1 wait, the oldest since 5m; 0 are for later; 0 workers: nobody takes from it',
        remedy: expect.stringContaining('worker.queues'),
      },
      {
        name: 'queue',
        mark: 'note',
        message: expect.stringMatching(/^mail: 1 wait.*paused$/),
        remedy: expect.anything(),
      },
    ]);
  });

  test('tells what is late: a delayed task, a schedule, the cleanup and the monitor', async () => {
    const late = Date.now() - 7_200_000;
    await raw.zadd('{new-task}:delayed', late, 'a');
    await raw.zadd('{new-task}:workers', Date.now() + 60_000, 'w');
    await raw.zadd('{new-task}:schedules:due', late, 'nightly');
    await raw.hset('task-e', { task: 'x', state: 'SUCCESS', ended: late });
    await raw.lpush('end-task', 'e');
    const found = bad(await look()).map(({ name, message }) => `${name}: ${message}`);
    expect(found).toEqual([
      'monitor: no monitor is at work: what dead workers held stays where it is',
      'queue: default: 0 wait; 1 are for later; 1 workers: one should have begun 2h ago',
      'schedules: the schedule nightly should have fired 2h ago',
      'cleanup: 1 ended tasks wait for the cleanup, the oldest since 2h',
    ]);
  });

  test('tells a memory policy that may drop a queue, and a memory that is nearly full', async () => {
    await raw.config('SET', 'maxmemory-policy', 'volatile-lru');
    expect(await mark('memory')).toMatch(/^note: .*no maxmemory; maxmemory-policy is volatile-lru/);
    await raw.config('SET', 'maxmemory', '500mb');
    expect(await mark('memory')).toMatch(/^error: .*drops ended tasks before their time/);
    await raw.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await mark('memory')).toMatch(/^error: .*may drop a whole queue/);
    await raw.config('SET', 'maxmemory-policy', 'noeviction');
    expect(await mark('memory')).toMatch(/^ok: /);
    const used = Number(/used_memory:(\d+)/.exec(await raw.info('memory'))?.[1]);
    await raw.config('SET', 'maxmemory', Math.round(used * 1.05));
    expect(await mark('memory')).toMatch(/^warning: .*nearly full/);
    await raw.config('SET', 'maxmemory', '0');
  });

  test('tells how Redis is kept on disk, and who has a copy', async () => {
    expect(await mark('persistence')).toMatch(/^note: nothing is written to disk/);
    await raw.config('SET', 'save', '60 1');
    expect(await mark('persistence')).toMatch(/^note: snapshots alone/);
    await raw.config('SET', 'save', '');
    await raw.config('SET', 'min-replicas-to-write', '1');
    expect(await mark('replication')).toMatch(/^error: 0 replicas, and min-replicas-to-write is 1/);
    await raw.config('SET', 'min-replicas-to-write', '0');
    expect(await mark('replication')).toMatch(/^note: no replicas/);

    const kept = await startRedis({ appendOnly: true, settings: ['appendfsync always'] });
    expect(await mark('persistence', kept)).toMatch(/^ok: append-only file, appendfsync always/);
    await raw.replicaof(kept.host, kept.port);
    await eventually(async () => expect(await mark('replication', kept)).toBe('ok: 1 replica'));
    expect(await mark('replication')).toMatch(/^error: this Redis is a replica/);
    await raw.replicaof('NO', 'ONE');
    await kept.stop();
  });

  test('tells a short timeout, few connections left, and what of ours is slow', async () => {
    await raw.config('SET', 'timeout', '5');
    expect(await mark('connections')).toMatch(/^note: timeout is 5 s/);
    await raw.config('SET', 'timeout', '0');
    await raw.config('SET', 'maxclients', '2');
    expect(await mark('connections')).toMatch(/^warning: 2 of 2 connections/);
    await raw.config('SET', 'maxclients', '10000');
    await raw.config('SET', 'slowlog-log-slower-than', '0');
    await raw.lpush('new-task', 'a');
    await raw.config('SET', 'slowlog-log-slower-than', '10000');
    expect(await mark('slow-log')).toMatch(/^ok: \d+ commands on our keys in the slow log, the longest \d+ ms/);
  });

  test('tells the rights that a user lacks, and that it may not see the rest', async () => {
    await raw.acl(
      'SETUSER',
      'half',
      'reset',
      'on',
      '>pw',
      '~*',
      '&*',
      '+@all',
      '-blmove',
      '-config',
      '-slowlog',
      '-client|list',
    );
    const diagnosis = await diagnoseRedis(`redis://half:pw@${server().host}:${server().port}`, { settle: 0 });
    expect(find(diagnosis, 'rights')).toMatchObject([
      { mark: 'warning', message: expect.stringContaining('blmove new-task') },
    ]);
    const unseen = diagnosis.checks.filter(({ message }) => message.startsWith('could not be looked at'));
    expect(unseen.map(({ name, mark: how }) => `${name} ${how}`)).toEqual(['clients note', 'slow-log note']);
    expect(find(diagnosis, 'persistence')).toMatchObject([
      { mark: 'note', message: expect.stringContaining('not told') },
    ]);
  });

  test('tells what else it sees where a queue is of another type', async () => {
    await raw.set('new-task', 'text');
    const { checks, places } = await look();
    expect(places).toBeUndefined();
    expect(checks.at(-1)).toMatchObject({
      name: 'places',
      mark: 'error',
      message: expect.stringContaining('WRONGTYPE'),
    });
    expect(checks.map(({ name }) => name)).toContain('memory');
  });

  test('refuses options it does not know, and says when Redis does not answer', async () => {
    await expect(diagnoseRedis(server().url, { setle: 1 } as object)).rejects.toThrow(ConfigurationError);
    await expect(diagnoseRedis('redis://127.0.0.1:1')).rejects.toThrow(StoreUnavailableError);
  });

  test.each([
    ['a task that is lost', ['hset', 'task-a', 'task', 'x'], 'error', true],
    ['what a monitor will mend, of which there is none', ['zadd', '{tasks}:leases', '1', 'a'], 'warning', true],
    ['what does no harm', ['set', 'task-a', 'text'], 'note', false],
  ] as const)('marks %s, and says whether it needs a hand', async (_what, [command, ...args], how, needsHand) => {
    await raw.call(command, ...args);
    const diagnosis = await look();
    expect(diagnosis.places?.findings.map((finding) => finding.mark)).toEqual([how]);
    expect(diagnosis.needsHand).toBe(needsHand);
  });

  test('marks what a monitor mends in passing as a note while one is at work, unless it is late', async () => {
    await raw.set('{tasks}:monitor', 'w');
    await raw.hset('task-a', { task: 'x', state: 'SUCCESS' });
    await raw.sadd('tasks', 'a');
    const calm = await look();
    expect([calm.places?.findings.map(({ mark: how }) => how), calm.needsHand]).toEqual([['note'], false]);
    await raw.hset('task-b', { task: 'x', state: 'RUNNING', lease: 'w:1', worker: 'w', last_update: '1.5' });
    await raw.pipeline().sadd('tasks', 'b').zadd('{tasks}:leases', 1, 'b').exec();
    const late = await look();
    expect(late.places?.findings.map(({ problem, mark: how }) => `${problem} ${how}`).sort()).toEqual([
      'left-active note',
      'overdue warning',
    ]);
    expect(late.needsHand).toBe(true);
  });

  test('needs a hand for a check alone', async () => {
    await raw.hset('task-a', { task: 'x', state: 'WAIT' });
    await raw.lpush('new-task', 'a');
    expect(await look()).toMatchObject({ places: { findings: [] }, needsHand: true });
  });
});

describe('diagnoseRedis, on a cluster', () => {
  const cluster = useServer(() => startCluster());

  test('looks at each master', async () => {
    const diagnosis = await diagnoseRedis({ cluster: cluster().startupNodes }, { settle: 0 });
    expect(find(diagnosis, 'cluster')).toMatchObject([
      { mark: 'ok', message: 'a cluster of 3 masters, all 16384 slots covered' },
    ]);
    expect(find(diagnosis, 'memory')).toHaveLength(3);
    expect(bad(diagnosis)).toEqual([]);
  });
});

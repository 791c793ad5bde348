import { Redis } from 'ioredis';
import { createApp } from '../../src/app/create-app';
import type { AppOptions } from '../../src/app/options';
import { Task } from '../../src/decorators/task';
import { AppClosedError, ConfigurationError, StoreUnavailableError } from '../../src/errors';
import { eventually } from '../support/eventually';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { Stage } from './stage';

@Task('quick')
class Quick {
  start(): string {
    return 'done';
  }
}

async function refusal(redis: unknown): Promise<Error> {
  const options = { redis, logger: false } as AppOptions;
  const app = await createApp(options).catch((error: Error) => error);
  if (app instanceof Error) return app;
  await app.close();
  throw new Error('This was to be refused.');
}

describe('the option redis', () => {
  test.each<[url: string]>([
    ['redis://user:SECRET@localhost:99999'],
    ['redis://:SECRET@localhost:port'],
    ['http://user:SECRET@localhost'],
    ['redis://user:SE/CRET@localhost:99999'],
    ['redis://user:SECRET:SECRET@localhost:99999'],
    ['redis://user:SE@CRET@localhost:99999'],
    ['user:SECRET@localhost:6379'],
    ['http://localhost?password=SECRET'],
  ])('refuses %s, and does not show the password', async (url) => {
    const error = await refusal(url);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain('redis://localhost:6379');
    expect(`${error.message} ${error.stack}`).not.toMatch(/SECRET|CRET|SE\b/);
  });

  test.each<[what: string, redis: unknown]>([
    ['a host without a scheme', 'localhost:6379'],
    ['an empty text', ''],
    ['a number', 6379],
    ['null', null],
    ['a cluster without nodes', { cluster: [] }],
    ['a cluster that is no list', { cluster: 'localhost:7000' }],
  ])('refuses %s with a ConfigurationError', async (_what, redis) => {
    expect(await refusal(redis)).toBeInstanceOf(ConfigurationError);
  });

  test.each<[what: string, redis: unknown]>([
    ['options', { host: 'localhost', keyPrefix: 'app:' }],
    ['a URL', 'redis://localhost:6379?keyPrefix=app:'],
    ['a cluster', { cluster: [{ host: 'localhost', port: 1 }], options: { keyPrefix: 'app:' } }],
  ])('refuses a keyPrefix in %s, and says what to set instead', async (_what, redis) => {
    const error = await refusal(redis);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(/keyPrefix.*names\.taskPrefix/s);
  });

  test('refuses a client with a keyPrefix, which stays its owner’s to close', async () => {
    const client = new Redis({ lazyConnect: true, keyPrefix: 'app:' });
    expect(await refusal(client)).toBeInstanceOf(ConfigurationError);
    client.disconnect();
  });
});

describe('an app on a real Redis', () => {
  const redis = useServer(() => startRedis());

  async function namesOfClients(): Promise<string[]> {
    const admin = redis().connect();
    const list = String(await admin.client('LIST'));
    admin.disconnect();
    return [...list.matchAll(/name=(\S+)/g)].map(([, name]) => name as string).sort();
  }

  async function keyspace(): Promise<string> {
    const admin = redis().connect();
    const info = await admin.info('keyspace');
    admin.disconnect();
    return info.replace(/,.*/g, '');
  }

  test.each<[what: string, spec: () => NonNullable<AppOptions['redis']>]>([
    ['a URL', () => redis().url],
    ['ioredis options', () => ({ host: redis().host, port: redis().port })],
  ])('is found by %s', async (_what, spec) => {
    const app = await createApp({ redis: spec(), tasks: [Quick], logger: false });
    await app.start();
    expect(await (await app.client.start(Quick)).result({ timeout: '5s' })).toBe('done');
    await app.close();
  });

  test('is found by a ready client, which is left open', async () => {
    const client = redis().connect();
    const app = await createApp({ redis: client, tasks: [Quick], logger: false });
    await app.start();
    expect(await (await app.client.start(Quick)).result({ timeout: '5s' })).toBe('done');
    await app.close();
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });

  test('opens three connections, however many tasks it runs and results it awaits, and closes them', async () => {
    const app = await createApp({ redis: redis().url, tasks: [Quick], logger: false });
    await app.start();
    const handles = await Promise.all(Array.from({ length: 100 }, () => app.client.start(Quick)));
    await Promise.all(handles.map((handle) => handle.result({ timeout: '10s' })));
    expect(await namesOfClients()).toEqual(['taskwarden:blocking', 'taskwarden:commands', 'taskwarden:subscriber']);
    await app.close();
    await eventually(async () => expect(await namesOfClients()).toEqual([]));
  });

  test('a producer opens no blocking connection', async () => {
    const app = await createApp({ redis: redis().url, tasks: [Quick], worker: false, logger: false });
    await app.start();
    await app.client.start(Quick);
    expect(await namesOfClients()).toEqual(['taskwarden:commands']);
    await app.close();
  });

  test('a database that does not exist is refused, and not another one used', async () => {
    const app = await createApp({ redis: `${redis().url}/99`, logger: false });
    const before = await keyspace();
    await expect(app.client.start('any')).rejects.toThrow(/DB index is out of range/);
    expect(await keyspace()).toBe(before);
    await app.close();
  });

  test('a node of a cluster that is given as a single Redis is refused, and not looked at as if it were all', async () => {
    const node = await startRedis({ role: 'cluster-node' });
    const app = await createApp({ redis: node.url, logger: false });
    await expect(app.client.list().next()).rejects.toThrow('it is a node of a cluster: give { cluster:');
    await app.close();
    await node.stop();
  });

  test('a database that is no number is refused at once', async () => {
    await expect(createApp({ redis: `${redis().url}/abc`, logger: false })).rejects.toThrow(
      'redis names the database "abc": a database is a number',
    );
  });

  test('a wrong password is told to who calls', async () => {
    const app = await createApp({ redis: redis().url.replace('//', '//nobody:wrong@'), logger: false });
    await expect(app.client.start('any')).rejects.toThrow(/WRONGPASS/);
    await app.close();
  });

  test('a call after close is refused, and opens no connection', async () => {
    const app = await createApp({ redis: redis().url, logger: false });
    await app.client.start('any', {}, { id: 'a' });
    await app.close();
    await expect(app.client.start('any')).rejects.toBeInstanceOf(AppClosedError);
    await expect(app.client.result('a', { timeout: 50 })).rejects.toBeInstanceOf(AppClosedError);
    expect(await namesOfClients()).toEqual([]);
  });

  test('a producer’s call fails fast while Redis is away, with its place and no password', async () => {
    const url = `redis://:SECRET@127.0.0.1:1`;
    const app = await createApp({ redis: url, logger: false });
    const error: Error = await app.client.start('any').then(
      () => new Error('It was to fail.'),
      (thrown: Error) => thrown,
    );
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error.message).toContain('127.0.0.1:1');
    expect(error.message).not.toContain('SECRET');
    await app.close();
  }, 10_000);
});

describe('names of the wire', () => {
  const stage = Stage.use('redis');

  test('keep two apps on one Redis apart', async () => {
    const first = await stage().app({ tasks: [Quick] });
    const names = { taskPrefix: 'other-', taskSet: 'other-tasks', newQueue: 'other-new', endQueue: 'other-end' };
    const second = await stage().app({ tasks: [Quick], names, worker: false });
    const { id } = await second.client.start(Quick);
    await (await first.client.start(Quick)).result({ timeout: '5s' });
    expect(await second.client.get(id)).toMatchObject({ state: 'WAIT' });
    expect(await first.client.get(id)).toBeUndefined();
    expect(await second.client.counts()).toMatchObject({ waiting: 1, ended: 0 });
  });
});

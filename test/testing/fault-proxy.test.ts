import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { FaultProxy, type ProxiedCommand } from '../../src/testing';
import { ManualClock } from '../../src/testing/manual-clock';
import { eventually } from '../support/eventually';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const redis = useServer(() => startRedis());
let proxy: FaultProxy;
let direct: Redis;
let clients: Redis[];
let sockets: Socket[];

beforeEach(async () => {
  clients = [];
  sockets = [];
  proxy = await FaultProxy.start(redis());
  direct = redis().connect();
  await direct.flushall();
});

afterEach(async () => {
  for (const client of [...clients, direct]) client.disconnect();
  for (const socket of sockets) socket.destroy();
  await proxy.stop();
});

function client(options: { maxRetriesPerRequest?: number } = {}, through = proxy): Redis {
  const made = new Redis(through.port, { ...options, retryStrategy: () => null, disconnectTimeout: 50 });
  made.on('error', () => {});
  clients.push(made);
  return made;
}

/** A connection without a client library: the bytes are the test's own. */
async function bare(): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(proxy.port, proxy.host);
  sockets.push(socket);
  let text = '';
  socket
    .on('error', () => {})
    .on('data', (chunk) => {
      text += chunk;
    });
  await once(socket, 'connect');
  return { socket, received: () => text };
}

describe('a proxy that does no harm', () => {
  test('carries commands, a blocked one and subscriptions side by side', async () => {
    const [commands, blocking, subscriber] = [client(), client(), client()];
    const heard: string[] = [];
    subscriber.on('message', (_channel: string, text: string) => heard.push(text));
    await subscriber.subscribe('news', 'more');
    const popped = blocking.blpop('list', 0);
    const big = 'x'.repeat(1_000_000);
    await commands.pipeline().set('big', big).rpush('list', 'a').publish('news', 'hello').exec();
    await expect(popped).resolves.toEqual(['list', 'a']);
    await expect(commands.get('big')).resolves.toBe(big);
    await eventually(() => expect(heard).toEqual(['hello']));
    expect(proxy.counts).toEqual({ open: 3, accepted: 3, refused: 0, cut: 0 });
  });

  test('tells each command by its name, and a script by its hash, whether it was sent as hash or as text', async () => {
    const seen: ProxiedCommand[] = [];
    const one = client();
    await one.ping();
    proxy.onCommand((command) => void seen.push(command));
    const sha = (await one.script('LOAD', 'return 1')) as string;
    await one.evalsha(sha, 0);
    await one.eval('return 1', 0);
    await client().get('a');
    await one.call('get', 'b');
    expect(seen.filter(({ name }) => !['INFO', 'CLIENT', 'HELLO'].includes(name))).toEqual([
      { name: 'SCRIPT', script: undefined, nth: 1, connection: 1 },
      { name: 'EVALSHA', script: sha, nth: 1, connection: 1 },
      { name: 'EVAL', script: sha, nth: 1, connection: 1 },
      { name: 'GET', script: undefined, nth: 1, connection: 2 },
      { name: 'GET', script: undefined, nth: 2, connection: 1 },
    ]);
  });
});

describe('cutting all connections', () => {
  test('fails what is under way, and new connections work', async () => {
    const one = client();
    await one.ping();
    const blocked = one.blpop('list', 0);
    await eventually(async () => expect(await direct.info('clients')).toContain('blocked_clients:1'));
    proxy.cut();
    await expect(blocked).rejects.toThrow('Connection is closed');
    await expect(client().ping()).resolves.toBe('PONG');
    expect(proxy.counts).toMatchObject({ accepted: 2, cut: 1 });
    await eventually(async () => expect(await direct.info('clients')).toContain('blocked_clients:0'));
  });
});

describe('refusing', () => {
  test('leaves what is connected alone, and resets new connections until they are accepted again', async () => {
    const one = client();
    await one.ping();
    proxy.refuse();
    await expect(client({ maxRetriesPerRequest: 0 }).ping()).rejects.toThrow();
    await expect(one.ping()).resolves.toBe('PONG');
    proxy.accept();
    await expect(client().ping()).resolves.toBe('PONG');
    expect(proxy.counts).toMatchObject({ accepted: 3, refused: 1 });
  });
});

describe('freezing', () => {
  test('holds commands and replies back, and lets them through in order when it thaws', async () => {
    const one = client();
    await one.ping();
    proxy.freeze();
    const replies = Promise.all([one.rpush('list', 'a'), one.rpush('list', 'b')]);
    await expect(direct.exists('list')).resolves.toBe(0);
    expect(proxy.counts.open).toBe(1);
    proxy.thaw();
    await expect(replies).resolves.toEqual([1, 2]);
    await expect(direct.lrange('list', 0, -1)).resolves.toEqual(['a', 'b']);
  });

  test('does not tell Redis that the client has gone', async () => {
    const one = client();
    await one.ping();
    one.blpop('list', 0).catch(() => {});
    await eventually(async () => expect(await direct.info('clients')).toContain('blocked_clients:1'));
    proxy.freeze();
    one.disconnect();
    await once(one, 'end');
    await direct.rpush('list', 'taken by nobody');
    await expect(direct.exists('list')).resolves.toBe(0);
    proxy.thaw();
    await eventually(() => expect(proxy.counts.open).toBe(0));
  });

  test('is ended by a cut', async () => {
    const one = client();
    await one.ping();
    proxy.freeze();
    const reply = one.ping();
    proxy.cut();
    await expect(reply).rejects.toThrow('Connection is closed');
  });
});

test('a slow proxy forwards every chunk so much later, by its clock', async () => {
  const clock = new ManualClock();
  const slow = await FaultProxy.start(redis(), clock);
  try {
    const one = client({}, slow);
    await one.ping();
    slow.slow(100);
    const replies = Promise.all([one.rpush('list', 'a'), one.rpush('list', 'b')]);
    await eventually(() => expect(clock.timerCount).toBeGreaterThan(0));
    await clock.advance(99);
    await expect(direct.exists('list')).resolves.toBe(0);
    await eventually(async () => {
      await clock.advance(100);
      expect(await direct.llen('list')).toBe(2);
    });
    slow.slow(0);
    await eventually(() => clock.advance(100).then(() => expect(clock.timerCount).toBe(0)));
    await expect(replies).resolves.toEqual([1, 2]);
  } finally {
    await slow.stop();
  }
});

describe('cutting at a command', () => {
  const COMMANDS = 'SET a 1\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$4\r\n\r\n*2\r\n*3\r\n$3\r\nSET\r\n$1\r\nc\r\n$1\r\n3\r\n';

  test.each([
    { at: 1, cut: 'cut-before', done: [], replies: 0 },
    { at: 1, cut: 'cut-after', done: ['a'], replies: 0 },
    { at: 2, cut: 'cut-before', done: ['a'], replies: 1 },
    { at: 2, cut: 'cut-after', done: ['a', 'b'], replies: 1 },
    { at: 3, cut: 'cut-before', done: ['a', 'b'], replies: 2 },
    { at: 3, cut: 'cut-after', done: ['a', 'b', 'c'], replies: 2 },
  ] as const)(
    '$cut of number $at of a pipeline leaves $done, with $replies replies',
    async ({ at, cut, done, replies }) => {
      proxy.onCommand(({ nth }) => (nth === at ? cut : undefined));
      const { socket, received } = await bare();
      socket.write(COMMANDS);
      await once(socket, 'close');
      await expect(direct.keys('*').then((keys) => keys.sort())).resolves.toEqual(done);
      expect(received()).toBe('+OK\r\n'.repeat(replies));
      expect(proxy.counts.cut).toBe(1);
    },
  );

  test('is exact wherever the chunks are split', async () => {
    for (let split = 1; split < COMMANDS.length; split++) {
      await direct.flushall();
      const first = proxy.counts.accepted + 1;
      let count = 0;
      proxy.onCommand(({ connection }) => (connection === first && ++count === 3 ? 'cut-before' : undefined));
      const { socket, received } = await bare();
      socket.setNoDelay(true);
      socket.write(COMMANDS.slice(0, split), () => setImmediate(() => socket.write(COMMANDS.slice(split))));
      await once(socket, 'close');
      expect([split, (await direct.keys('*')).sort(), received()]).toEqual([split, ['a', 'b'], '+OK\r\n+OK\r\n']);
    }
  });

  test('a value that was being moved is moved, and the reply is lost', async () => {
    await direct.rpush('from', 'a');
    const [one, other] = [client(), client()];
    await Promise.all([one.ping(), other.ping()]);
    proxy.onCommand(({ name }) => (name === 'BLMOVE' ? 'cut-after' : undefined));
    await expect(one.blmove('from', 'to', 'LEFT', 'RIGHT', 0)).rejects.toThrow('Connection is closed');
    await expect(direct.lrange('to', 0, -1)).resolves.toEqual(['a']);
    await expect(other.ping()).resolves.toBe('PONG');
  });

  test('messages do not count as replies, and every channel is confirmed', async () => {
    const subscriber = client();
    const heard: string[] = [];
    subscriber.on('message', (_channel: string, text: string) => heard.push(text));
    await subscriber.subscribe('a', 'b', 'c');
    await subscriber.unsubscribe('b', 'c');
    await direct.publish('a', 'one');
    await eventually(() => expect(heard).toEqual(['one']));
    proxy.onCommand(({ name }) => (name === 'PSUBSCRIBE' ? 'cut-after' : undefined));
    await expect(subscriber.psubscribe('x*')).rejects.toThrow('Connection is closed');
    expect(proxy.counts.cut).toBe(1);
  });

  test('nor do they in the old protocol, where a message looks like a reply', async () => {
    const { socket, received } = await bare();
    socket.write('SUBSCRIBE a b\r\n');
    await eventually(() => expect(received().match(/subscribe/g)).toHaveLength(2));
    await direct.publish('a', 'one');
    await eventually(() => expect(received()).toContain('one'));
    proxy.onCommand(({ nth, name }) => (name === 'PING' && nth === 2 ? 'cut-before' : undefined));
    socket.write('PING first\r\nPING second\r\n');
    await once(socket, 'close');
    expect(received()).toContain('first');
    expect(received()).not.toContain('second');
  });

  test('what a hook throws is thrown when the proxy stops', async () => {
    const failing = await FaultProxy.start(redis());
    failing.onCommand(() => {
      throw new RangeError('the hook is wrong');
    });
    await expect(client({}, failing).ping()).rejects.toThrow();
    await expect(failing.stop()).rejects.toThrow('the hook is wrong');
  });
});

describe('a proxy that stops', () => {
  test('leaves no connection and no port, also a second time', async () => {
    const one = client();
    await one.ping();
    proxy.freeze();
    await proxy.stop();
    await proxy.stop();
    expect(proxy.counts.open).toBe(0);
    await expect(client({ maxRetriesPerRequest: 0 }).ping()).rejects.toThrow();
  });

  test('a client of a Redis that is away is told so', async () => {
    const nowhere = await FaultProxy.start({ host: '127.0.0.1', port: 1 });
    await expect(client({ maxRetriesPerRequest: 0 }, nowhere).ping()).rejects.toThrow();
    await nowhere.stop();
  });
});

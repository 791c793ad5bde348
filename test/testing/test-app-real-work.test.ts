import { scrypt } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { OnEvent } from '../../src/decorators/on-event';
import { Task } from '../../src/decorators/task';
import { runScript } from '../support/child-process';
import { useTestApps } from '../support/use-test-apps';
import { Flaky, Mail, Stay } from './test-app-tasks';

let work: () => Promise<unknown> = async () => {};

@Task('real')
class Real {
  async start(): Promise<unknown> {
    return work();
  }
}

let heard = 0;
class SlowListener {
  @OnEvent('mail:sent')
  async hear(): Promise<void> {
    await pause(30);
    heard += 1;
  }
}

class SlowService {
  disposed = false;
  async dispose(): Promise<void> {
    await pause(10);
    this.disposed = true;
  }
}

const make = useTestApps();

describe('what takes real time is waited for', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['a timer', () => pause(50)],
    ['a file', () => readFile(__filename)],
    ['a key that is derived in a thread', () => promisify(scrypt)('word', 'salt', 64)],
    ['a compression', () => promisify(gzip)(Buffer.alloc(5_000_000, 'x'))],
    ['a digest', () => crypto.subtle.digest('SHA-256', Buffer.alloc(5_000_000))],
    [
      'turns of the event loop',
      async () => {
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      },
    ],
  ])('%s', async (_, how) => {
    let isDone = false;
    work = async () => {
      await how();
      isDone = true;
    };
    const app = await make({ tasks: [Real] });
    const handle = await app.client.start(Real);
    await app.drain();
    expect([isDone, (await handle.get())?.state]).toEqual([true, 'SUCCESS']);
  });

  test('a server that answers late', async () => {
    const server = createServer((_, reply) => void setTimeout(() => reply.end('late'), 60)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    work = async () => (await fetch(`http://127.0.0.1:${port}`)).text();
    const app = await make({ tasks: [Real] });
    const handle = await app.client.start(Real);
    await app.drain();
    expect(await handle.result()).toBe('late');
    server.close();
    server.closeAllConnections();
  });

  test('a hook of a listener', async () => {
    heard = 0;
    const app = await make({ tasks: [Mail], listeners: [SlowListener] });
    await app.client.start(Mail, { to: 'ada' });
    await app.drain();
    expect(heard).toBe(1);
  });

  test('a service that is disposed', async () => {
    const service = new SlowService();
    const app = await make({ tasks: [Mail], providers: [{ provide: SlowService, useFactory: () => service }] });
    await app.drain();
    await app.close();
    expect(service.disposed).toBe(true);
  });

  test('up to the patience, and then the task is named, and what it has open', async () => {
    work = () => pause(2_000);
    const app = await make({ tasks: [Real], patience: 60 });
    await app.client.start(Real);
    await expect(app.drain()).rejects.toThrow(/within 60 ms .* real \(task-1\) neither ended .* has open: Timeout\./);
  });

  test('unless its class is named as endless', async () => {
    work = () => pause(500);
    const app = await make({ tasks: [Real], endless: [Real] });
    const handle = await app.client.start(Real);
    await app.drain();
    expect(await handle.get()).toMatchObject({ state: 'RUNNING' });
    await app.close();
  });
});

describe('under the fake timers of Jest', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('a test app goes by its own clock', async () => {
    const app = await make({ tasks: [Flaky, Mail, Stay], worker: { concurrency: 2 } });
    const flaky = await app.client.start(Flaky);
    await app.client.start(Stay);
    for (const to of ['a', 'b', 'c']) await app.client.start(Mail, { to });
    await app.drain();
    expect(app.events('mail:success')).toHaveLength(3);
    await app.advance('1m');
    expect(await flaky.result()).toBe('done at attempt 3');
    expect(jest.getTimerCount()).toBe(0);
    await app.close();
  });
});

test('two apps of one test do not wait for each other', async () => {
  const [one, other] = [await make({ tasks: [Mail, Stay] }), await make({ tasks: [Mail, Stay] })];
  for (const app of [one, other]) await app.client.start(Stay);
  for (const app of [one, other]) await app.client.startMany(Mail, [{ to: 'a' }, { to: 'b' }]);
  await Promise.all([one.advance('10m'), other.drain(), other.advance('5m')]);
  expect([one, other].map((app) => app.events('mail:success').length)).toEqual([2, 2]);
});

test('nothing is left of a closed app, whatever ran in it', async () => {
  // In a process of its own, which ends once nothing is left: that of the tests has timers and pipes of others.
  const child = await runScript('test/testing/closed-app.ts');
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(child.stdoutLines).toEqual(['closed, 0 timers']);
});

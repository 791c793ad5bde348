import { once } from 'node:events';
import { createServer } from 'node:net';
import { createApp } from '../../src/app/create-app';
import { Task } from '../../src/decorators/task';
import { AppClosedError } from '../../src/errors';
import type { TaskStore } from '../../src/store/task-store';
import type { Taken } from '../../src/store/worker-store';
import { Desk, Gate, Staying } from '../app/desk';
import { PLACES, Stage } from '../app/stage';
import { eventually } from '../support/eventually';
import { FreezingProxy } from '../support/freezing-proxy';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { probe } from './scrape';

@Task('quick')
class Quick {
  start(): string {
    return 'done';
  }
}

const ANY_PORT = { monitoring: { port: 0 } };

function untilReady(app: Parameters<typeof probe>[0]): Promise<void> {
  return eventually(async () => expect((await probe(app, 'ready')).status).toBe(200));
}

describe.each(PLACES)('the probes of an app, on %s', (place) => {
  const stage = Stage.use(place);

  test('are not answered unless asked for', async () => {
    const app = await stage().app({ tasks: [Quick] });
    expect(app.monitoringUrl).toBeUndefined();
  });

  test('are answered from the start on, at an address that the app and the log tell', async () => {
    const app = await stage().make({ tasks: [Quick], ...ANY_PORT });
    expect(app.monitoringUrl).toBeUndefined();
    await app.start();
    expect(app.monitoringUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const { fields } = await stage().untilLogged('Health and metrics are served');
    expect(fields).toEqual({ url: app.monitoringUrl });
  });

  test('tell the facts', async () => {
    const app = await stage().app({ tasks: [Quick], worker: { heartbeatInterval: 20 }, ...ANY_PORT });
    // A take that finds nothing is answered after two seconds.
    await app.client.start(Quick);
    const facts = {
      status: 'ok',
      because: [],
      phase: 'started',
      lastTakeAgeMs: expect.any(Number),
      lastHeartbeatAgeMs: expect.any(Number),
      redisRoundTripMs: expect.any(Number),
      eventLoopLagMs: expect.any(Number),
      problems: [],
    };
    for (const which of ['live', 'ready'] as const) {
      await eventually(async () => expect(await probe(app, which)).toEqual({ status: 200, body: facts }));
    }
  });

  test('know of an app without a worker whether its store answers', async () => {
    const app = await stage().app({ worker: false, ...ANY_PORT });
    expect(await probe(app, 'ready')).toMatchObject({
      status: 200,
      body: { lastTakeAgeMs: null, lastHeartbeatAgeMs: null },
    });
  });

  test('say while runs may end that no more are taken, and that the process is alive', async () => {
    const desk = new Desk();
    const providers = [Desk.provide(desk)];
    const app = await stage().app({ tasks: [Staying], providers, worker: { grace: '20s' }, ...ANY_PORT });
    await app.client.start(Staying, undefined, { id: 'a' });
    await desk.untilBegan('a');
    await untilReady(app);
    const closing = app.close();
    const { status, body } = await probe(app, 'ready');
    expect([status, body.because]).toEqual([503, ['The app is about to leave: it takes no more tasks.']]);
    expect((await probe(app, 'live')).status).toBe(200);
    desk.gate('a').open(undefined);
    await closing;
    await expect(fetch(`${app.monitoringUrl}/health/live`)).rejects.toThrow();
  });

  test('are answered while services are disposed', async () => {
    let seen: number | undefined;
    const dispose = async () => {
      seen = (await probe(app, 'live')).status;
    };
    const providers = [{ provide: 'service', useFactory: () => ({ dispose }) }];
    const app = await stage().app({ tasks: [Quick], providers, ...ANY_PORT });
    await app.close();
    expect(seen).toBe(200);
  });
});

describe('the address of the probes', () => {
  const stage = Stage.use();
  const get = async (path: string, method = 'GET') => {
    const app = await stage().app(ANY_PORT);
    return fetch(`${app.monitoringUrl}${path}`, { method });
  };

  test('tells what there is where nothing is', async () => {
    const response = await get('/health');
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('Nothing is here. There are /health/live, /health/ready and /metrics.\n');
  });

  test.each(['POST', 'DELETE'])('refuses a %s', async (method) => {
    const response = await get('/metrics', method);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await response.text()).toBe('/metrics answers GET and HEAD only.\n');
  });

  test.each(['/health/live', '/health/ready', '/metrics'])('answers a HEAD of %s without a body', async (path) => {
    const response = await get(path, 'HEAD');
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('that is in use is told with its remedy, nothing is started, and the app is closed', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const app = await stage().make({ tasks: [Quick], monitoring: { port } });
    const take = jest.spyOn(stage().backend.store as TaskStore, 'take');
    await expect(app.start()).rejects.toThrow(
      `monitoring.port is ${port}, at 127.0.0.1: another process has it. Give each process of a machine a port of its own, or 0 for any free one.`,
    );
    expect(take).not.toHaveBeenCalled();
    await expect(app.client.start(Quick)).rejects.toBeInstanceOf(AppClosedError);
    other.close();
  });

  test('that is no address of this machine is told', async () => {
    const app = await stage().make({ monitoring: { port: 0, host: '203.0.113.1' } });
    await expect(app.start()).rejects.toThrow('this machine has no such address');
  });

  test('of IPv6 is a URL too', async () => {
    const app = await stage().app({ monitoring: { port: 0, host: '::1' } });
    expect((await probe(app, 'live')).status).toBe(200);
  });
});

describe('the options of monitoring', () => {
  test.each([
    [{}, 'monitoring.port is undefined: give a port such as 9464, or 0 for any free one.'],
    [{ port: 65_536 }, 'monitoring.port is 65536: give a port such as 9464, or 0 for any free one.'],
    [{ port: '9464' }, 'monitoring.port is "9464": give a port such as 9464, or 0 for any free one.'],
    [{ port: 0, host: '' }, 'monitoring.host is ""'],
    [{ port: 0, registry: {} }, 'monitoring.registry must be a Registry of prom-client.'],
    [{ port: 0, redisTimeout: 0 }, 'monitoring.redisTimeout must be more than 0.'],
    [{ port: 0, stuckAfter: 'soon' }, 'monitoring.stuckAfter is "soon": give milliseconds'],
    [
      { port: 0, stuckAfter: '3s' },
      'monitoring.stuckAfter is "3s": the loops of a healthy worker may take 15000 ms, three heartbeats and 15 s at least. Give that or more, or leave it out.',
    ],
    [{ prot: 0 }, 'monitoring: unknown option "prot"'],
    [
      { port: 0, maxCrashes: 3 },
      'monitoring: unknown option "maxCrashes", which is an option of monitor: give it there.',
    ],
    [9464, 'monitoring must be given an object of options.'],
  ])('%j is refused', async (monitoring, message) => {
    await expect(createApp({ store: 'memory', logger: false, monitoring: monitoring as never })).rejects.toThrow(
      message,
    );
  });
});

describe('the time after which a loop is stuck', () => {
  const stage = Stage.use();
  const SLOW = { taskTimeout: '30s', worker: { heartbeatInterval: '25s' } } as const;

  test('is three rounds of a slow heartbeat at least, as given and by default', async () => {
    const make = (stuckAfter: string) => stage().make({ ...SLOW, monitoring: { port: 0, stuckAfter } });
    await expect(make('74s')).rejects.toThrow('the loops of a healthy worker may take 75000 ms');
    await make('75s');
    await stage().make({ ...SLOW, monitoring: { port: 0 } });
  });
});

describe('a worker whose loop is stuck', () => {
  const stage = Stage.use('memory', 'manual');

  test('is not alive once its time is over, while the store answers', async () => {
    const stuck = new Gate<Taken>();
    jest.spyOn(stage().backend.store as TaskStore, 'take').mockReturnValue(stuck.passed);
    const app = await stage().make({ tasks: [Quick], ...ANY_PORT });
    await app.start();
    await stage().clock.advance(119_000);
    expect((await probe(app, 'live')).status).toBe(200);
    expect((await probe(app, 'ready')).body.because).toEqual(['No tasks can be taken just now.']);
    await stage().clock.advance(2_000);
    const { status, body } = await probe(app, 'live');
    expect([status, body.because]).toEqual([
      503,
      ['The loop that takes tasks has not come round for more than 120000 ms, although Redis answers.'],
    ]);
    jest.spyOn(stage().backend.reader, 'ping').mockRejectedValue(new Error('away'));
    expect((await probe(app, 'live')).status).toBe(200);
    stuck.open({ ids: [], lapsed: false });
  });
});

describe('a worker whose Redis is away', () => {
  const redis = useServer(() => startRedis());

  test('is alive, not ready, and ready again when it is back', async () => {
    const proxy = await FreezingProxy.start(Number(new URL(redis().url).port));
    const alone = { monitor: false, cleanup: false, scheduler: false, logger: false } as const;
    const options = { tasks: [Quick], redis: proxy.url, worker: { grace: 0, stopTimeout: 100 }, ...alone };
    const app = await createApp({ ...options, monitoring: { port: 0, redisTimeout: 100 } });
    await app.start();
    await app.client.start(Quick);
    await untilReady(app);
    proxy.freeze();
    const { status, body } = await probe(app, 'ready');
    expect(status).toBe(503);
    expect(body.because).toContain('Redis has not answered within 100 ms.');
    expect((await probe(app, 'live')).status).toBe(200);
    await proxy.stop();
    await eventually(async () => {
      const { body } = await probe(app, 'ready');
      expect(body.problems).toContainEqual(expect.objectContaining({ part: 'redis:commands' }));
    });
    expect((await probe(app, 'live')).status).toBe(200);
    await app.close();
  });
});

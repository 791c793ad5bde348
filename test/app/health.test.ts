import { createApp } from '../../src/app/create-app';
import { Task } from '../../src/decorators/task';
import { StoreRefusedError } from '../../src/errors';
import type { TaskStore } from '../../src/store/task-store';
import { eventually } from '../support/eventually';
import { startRedis } from '../support/redis-server';
import { Desk, Staying } from './desk';
import { Stage } from './stage';

@Task('quick')
class Quick {
  start(): string {
    return 'done';
  }
}

const GOOD = { healthy: true, problems: [] };

describe('the health of an app', () => {
  const stage = Stage.use('memory', 'manual');
  const refusal = new StoreRefusedError('no memory left', {});
  const logged = (text: string) => stage().logs.filter(({ message }) => message.includes(text)).length;

  /** Has a verb of the store fail until it is restored. */
  function broken(verb: 'take' | 'heartbeat' | 'reap' | 'takeEnded') {
    return jest.spyOn(stage().backend.store as TaskStore, verb).mockRejectedValue(refusal);
  }

  test('is good before, while and after all works', async () => {
    const app = await stage().make({ tasks: [Quick], monitor: {}, cleanup: {} });
    expect(app.health).toEqual(GOOD);
    await app.start();
    expect(app.health).toEqual(GOOD);
    await stage().closeApp(app);
    expect(app.health).toEqual(GOOD);
  });

  test.each([
    ['worker', 'take', 'No tasks can be taken', 'Taking tasks again'],
    ['heartbeat', 'heartbeat', 'Leases cannot be renewed', 'Leases are renewed again'],
    ['monitor', 'reap', 'The monitor cannot do its work', 'The monitor works again'],
    ['cleanup', 'takeEnded', 'Ended tasks cannot be cleaned up', 'Ended tasks are cleaned up again'],
  ] as const)('names the %s while its %s fails, and the log says so once', async (part, verb, fails, works) => {
    const app = await stage().app({ tasks: [Quick], monitor: {}, cleanup: {} });
    const spy = broken(verb);
    const sinceMs = stage().clock.nowMs();
    const passUntilTold = async (healthy: boolean) => {
      while (app.health.healthy !== healthy) await stage().clock.advance(100);
    };
    await app.client.start(Quick);
    await passUntilTold(false);
    expect(app.health).toEqual({
      healthy: false,
      problems: [{ part, problem: 'no memory left', sinceMs: expect.any(Number) }],
    });
    expect(app.health.problems[0]?.sinceMs).toBeGreaterThanOrEqual(sinceMs);
    const [first] = app.health.problems;
    for (let passed = 0; passed < 10; passed++) await stage().clock.advance(1_000);
    expect(app.health.problems).toEqual([first]);
    expect(logged(fails)).toBe(1);
    spy.mockRestore();
    await passUntilTold(true);
    expect(logged(works)).toBe(1);
  });

  test('says nothing of leases once there is no run to renew one of', async () => {
    const desk = new Desk();
    const app = await stage().app({ tasks: [Staying], providers: [Desk.provide(desk)] });
    await app.client.start(Staying, {}, { id: 'a' });
    await desk.untilBegan('a');
    const spy = broken('heartbeat');
    await stage().clock.advance(5_000);
    await eventually(() => expect(app.health.problems.map(({ part }) => part)).toEqual(['heartbeat']));
    desk.gate('a').open('done');
    while (!app.health.healthy) await stage().clock.advance(100);
    expect(logged('Leases are renewed again')).toBe(0);
    spy.mockRestore();
  });
});

describe('the health of an app on Redis', () => {
  test('names each connection that is lost, and why, until it is back', async () => {
    const redis = await startRedis();
    const app = await createApp({ redis: redis.url, tasks: [Quick], logger: false, worker: { grace: 0 } });
    await app.start();
    expect(app.health).toEqual(GOOD);
    await redis.crash();
    const parts = () => app.health.problems.map(({ part }) => part).sort();
    const connections = ['redis:blocking', 'redis:commands', 'redis:subscriber'];
    await eventually(() => expect(parts()).toEqual(expect.arrayContaining([...connections, 'worker'])));
    await eventually(() => {
      const commands = app.health.problems.find(({ part }) => part === 'redis:commands');
      expect(commands?.problem).toContain('ECONNREFUSED');
    });
    await redis.revive();
    await eventually(() => expect(app.health).toEqual(GOOD));
    await app.close();
    await redis.stop();
  });

  test('is bad while a subscription is refused on a new connection, and good once it is not', async () => {
    const redis = await startRedis();
    const raw = redis.connect();
    await raw.acl('SETUSER', 'app', 'on', '>right', 'allkeys', 'allchannels', 'allcommands');
    const url = redis.url.replace('//', '//app:right@');
    const app = await createApp({ redis: url, tasks: [Quick], logger: false, worker: { grace: 0 } });
    await app.start();
    await raw.acl('SETUSER', 'app', '-psubscribe');
    await raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await eventually(() => {
      expect(app.health.problems).toMatchObject([{ part: 'subscriptions', problem: expect.stringMatching(/NOPERM/) }]);
    });
    await raw.acl('SETUSER', 'app', '+psubscribe');
    await eventually(() => expect(app.health).toEqual(GOOD));
    expect(await raw.pubsub('NUMPAT')).toBe(1);
    await app.close();
    raw.disconnect();
    await redis.stop();
  });

  test('is bad while Redis never came', async () => {
    const app = await createApp({ redis: 'redis://127.0.0.1:1', logger: false, worker: false });
    await eventually(() => expect(app.health.healthy).toBe(false));
    await app.close();
  });
});

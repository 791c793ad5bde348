import { Redis } from 'ioredis';
import type { App } from '../../src/app/app';
import { createApp } from '../../src/app/create-app';
import type { AppOptions } from '../../src/app/options';
import { Schedule } from '../../src/decorators/schedule';
import { Task } from '../../src/decorators/task';
import { firingId } from '../../src/schedule/schedule';
import { TASK_STORE } from '../../src/store/task-store';
import { TaskContext } from '../../src/task/task-context';
import { faultyStore } from '../../src/testing';
import { Desk, Staying } from '../app/desk';
import { PLACES, type Place, Stage } from '../app/stage';
import { eventually } from '../support/eventually';
import { startCluster } from '../support/redis-cluster';
import { useServer } from '../support/use-server';

const HOUR_MS = 3_600_000;
const at = (text: string) => new Date(text).getTime();

@Schedule('30 2 * * *', { tz: 'Europe/Vienna', name: 'night' })
@Schedule('0 9 * * 1-5', { tz: 'Europe/Vienna', name: 'workdays' })
@Schedule('0 * * * *', { tz: 'Europe/Vienna', name: 'hourly' })
@Task('log')
class Log {
  start() {}
}

@Schedule({ every: '1h', name: 'changed' })
@Schedule({ every: '1h', name: 'kept' })
@Schedule({ every: '1h', name: 'dropped' })
@Task('report')
class Before {
  start() {}
}

@Schedule({ every: '2h', name: 'changed' })
@Schedule({ every: '1h', name: 'kept' })
@Task('report')
class After {
  start() {}
}

@Task('brief')
class Brief {
  start(task: TaskContext): string {
    return task.id;
  }
}

describe('the scheduler, while weeks pass', () => {
  const stage = Stage.use('memory', 'manual');

  async function work(options: AppOptions): Promise<App> {
    // Beyond the longest leap of the clock: nobody's lease is to lapse by it.
    return stage().app({ taskTimeout: '3h', scheduler: true, ...options });
  }

  /** Lets the time go on until then, from one due time to the next; for the looks in between nothing is due. */
  async function passUntil(app: App, untilMs: number): Promise<void> {
    const { clock } = stage();
    while (clock.nowMs() < untilMs) {
      const times = (await app.client.schedules.list()).map(({ nextMs = untilMs }) => nextMs);
      clock.shiftWall(Math.max(0, Math.min(...times, untilMs) - clock.nowMs()));
      await clock.advance(2_500);
    }
  }

  const ids = () => stage().endQueue();

  /** The times of a schedule's firings, as UTC. */
  async function firedAt(name: string): Promise<string[]> {
    const prefix = firingId(name, 0).slice(0, -1);
    const own = (await ids()).filter((id) => id.startsWith(prefix));
    return own.map((id) => `${new Date(Number(id.slice(prefix.length))).toISOString().slice(0, 16)}Z`);
  }

  test.each([
    ['spring', '2027-03-22T12:00Z', '2027-04-05T12:00Z', '2027-03-28T01:00Z', 'T00:30Z'],
    ['autumn', '2027-10-25T12:00Z', '2027-11-08T12:00Z', '2027-10-31T00:30Z', 'T01:30Z'],
  ])(
    'over the clock change of %s each time is fired once',
    async (_season, from, until, nightOfChange, later) => {
      stage().clock.shiftWall(at(from) - stage().clock.nowMs());
      const app = await work({ tasks: [Log] });
      await passUntil(app, at(until));
      const night = await firedAt('night');
      expect(night).toHaveLength(14);
      expect(night).toContain(nightOfChange);
      expect(night.at(-1)).toMatch(later);
      expect(await firedAt('workdays')).toHaveLength(10);
      // An hour is an hour: both changes are in the middle of the two weeks.
      expect(await firedAt('hourly')).toHaveLength((at(until) - at(from)) / HOUR_MS);
      expect(new Set(await ids()).size).toBe((await ids()).length);
    },
    60_000,
  );

  test('a firing is late for a minute, and then missed', async () => {
    const app = await work({ tasks: [Brief] });
    await app.client.schedules.add('none', 'brief', { every: '1h', catchUp: false });
    await app.client.schedules.add('last', 'brief', { every: '1h', catchUp: 'last' });
    await app.client.schedules.add('all', 'brief', { every: '1h', catchUp: 'all', overlap: 'queue' });
    stage().clock.shiftWall(HOUR_MS + 50_000);
    await stage().clock.advance(2_500);
    const counts = async () => [
      (await firedAt('none')).length,
      (await firedAt('last')).length,
      (await firedAt('all')).length,
    ];
    expect(await counts()).toEqual([1, 1, 1]);
    stage().clock.shiftWall(3 * HOUR_MS + 70_000);
    await stage().clock.advance(2_500);
    expect(await counts()).toEqual([1, 2, 4]);
  });

  test('a paused schedule keeps no debt', async () => {
    const app = await work({ tasks: [Brief] });
    await app.client.schedules.add('often', 'brief', { every: '1m', catchUp: 'all', overlap: 'queue' });
    await app.client.schedules.pause('often');
    await stage().clock.advance(10 * 60_000);
    expect(await ids()).toEqual([]);
    await app.client.schedules.resume('often');
    await stage().clock.advance(62_000);
    expect(await ids()).toHaveLength(1);
  });

  test('nothing is fired by an app that is not to', async () => {
    const app = await work({ tasks: [Log], scheduler: false });
    expect(await app.client.schedules.list()).toHaveLength(3);
    stage().clock.shiftWall(2 * HOUR_MS);
    await stage().clock.advance(3_000);
    expect(await ids()).toEqual([]);
  });
});

/** On Redis time is real. */
const timeOf = (place: Place) => (place === 'memory' ? 'manual' : 'real');

/** As `eventually`; where time stands still it passes meanwhile. */
function passing(stage: () => Stage, place: Place): typeof eventually {
  return (assertion, deadlineMs) =>
    eventually(async () => {
      if (place === 'memory') await stage().clock.advance(100);
      return assertion();
    }, deadlineMs);
}

describe.each(PLACES)('the scheduler, on %s', (place) => {
  const stage = Stage.use(place, timeOf(place));
  const inTime = passing(stage, place);
  const schedules = async () => (await stage().make({ worker: false })).client.schedules;

  function work(options: AppOptions = {}): Promise<App> {
    return stage().app({ tasks: [Brief, Staying], scheduler: true, ...options });
  }

  test('starts the task of a schedule that is added while it works, with its input', async () => {
    const app = await work();
    await app.client.schedules.add('often', Brief, { every: '1s' });
    const { lastId, lastMs } = await inTime(async () => {
      const record = await app.client.schedules.get('often');
      expect(record?.lastId).toBeDefined();
      return record as { lastId: string; lastMs: number };
    });
    expect(lastId).toBe(firingId('often', lastMs));
    expect(await app.client.result(lastId, { timeout: '5s' })).toBe(lastId);
  });

  test('two at once start each task once', async () => {
    const apps = await Promise.all([work(), work(), work()]);
    for (const name of ['a', 'b', 'c'])
      await apps[0]?.client.schedules.add(name, Brief, { every: '1s', overlap: 'queue' });
    await inTime(async () => expect((await stage().endQueue()).length).toBeGreaterThanOrEqual(3), 10_000);
    const ended = await stage().endQueue();
    expect(new Set(ended).size).toBe(ended.length);
  });

  test('skips a firing while the task of the former one goes on, and says so', async () => {
    const desk = new Desk();
    const app = await work({ providers: [Desk.provide(desk)] });
    await app.client.schedules.add('long', 'staying', { every: '1s' });
    await inTime(() => expect(desk.began).toHaveLength(1));
    await inTime(async () => {
      const record = await app.client.schedules.get('long');
      expect(record?.lastSkippedMs).toBeGreaterThan(record?.lastMs as number);
    });
    expect(desk.began).toHaveLength(1);
    desk.gate(desk.began[0] as string).open('done');
    await inTime(() => expect(desk.began).toHaveLength(2));
  });

  test('queues them all the same where that is asked for', async () => {
    const desk = new Desk();
    const app = await work({ providers: [Desk.provide(desk)] });
    await app.client.schedules.add('long', 'staying', { every: '1s', overlap: 'queue' });
    await inTime(() => expect(desk.began).toHaveLength(2));
    expect(new Set(desk.began).size).toBe(2);
  });

  test('an app that starts writes what its classes declare, and removes what they declare no more', async () => {
    const client = await schedules();
    await stage().app({ tasks: [Before] });
    await client.add('by hand', 'report', { every: '1h' });
    await client.pause('kept');
    const before = new Map((await client.list()).map((record) => [record.name, record]));
    expect([...before.keys()]).toEqual(['by hand', 'changed', 'dropped', 'kept']);
    await stage().app({ tasks: [Before] });
    expect(await client.list()).toEqual([...before.values()]);
    await stage().app({ tasks: [Brief] });
    expect(await client.list()).toEqual([...before.values()]);
    await stage().app({ tasks: [After], scheduler: true });
    const after = await inTime(async () => {
      const records = new Map((await client.list()).map((record) => [record.name, record]));
      expect([...records.keys()]).toEqual(['by hand', 'changed', 'kept']);
      return records;
    });
    expect(after.get('kept')).toEqual(before.get('kept'));
    expect(after.get('changed')?.nextMs).toBeGreaterThan((before.get('changed')?.nextMs as number) + HOUR_MS / 2);
  });

  test('an app that only produces writes nothing', async () => {
    await stage()
      .make({ tasks: [Before], worker: false })
      .then((app) => app.start());
    expect(await (await schedules()).list()).toEqual([]);
  });
});

describe('the scheduler of another worker', () => {
  const stage = Stage.use('memory', 'manual');
  const inTime = passing(stage, 'memory');

  test('takes over when one dies', async () => {
    const doomed = faultyStore(stage().backend.store);
    await stage().app({ tasks: [Brief], scheduler: true, providers: [{ provide: TASK_STORE, useValue: doomed }] });
    await inTime(() => expect(doomed.calls.some(({ verb }) => verb === 'dueSchedules')).toBe(true));
    const { client } = await stage().app({ tasks: [Brief], scheduler: true });
    doomed.crash();
    await client.schedules.add('often', Brief, { every: '1s' });
    await inTime(async () => expect(await stage().endQueue()).not.toEqual([]), 10_000);
    doomed.bury();
  });
});

describe('a schedule that cannot be fired', () => {
  const stage = Stage.use('redis');

  async function expectTold(problem: string): Promise<void> {
    const app = await stage().app({ tasks: [Brief], scheduler: true });
    await app.client.schedules.add('often', Brief, { every: '1s' });
    await eventually(() => expect(app.health.problems).toMatchObject([{ part: 'scheduler' }]));
    expect(app.health.problems[0]?.problem).toContain(problem);
    await eventually(async () => expect(await stage().endQueue()).not.toEqual([]));
    await app.client.schedules.remove('broken');
    await eventually(() => expect(app.health.healthy).toBe(true));
  }

  async function write(text: string): Promise<void> {
    const redis = new Redis(stage().redisUrl as string);
    const { schedules, due } = stage().backend.keys.scheduling;
    await redis.hset(schedules, 'broken', text);
    await redis.zadd(due, 1, 'broken');
    redis.disconnect();
  }

  test('as it is none is told, and holds up no other', async () => {
    await write('{"task":7}');
    await expectTold('Schedules that this version cannot read: broken.');
  });

  test('as this machine does not know its zone is told, and holds up no other', async () => {
    await write('{"task":"brief","data":"{}","cron":"0 9 * * *","tz":"Mars/Base"}');
    await expectTold('Mars/Base');
  });
});

describe('the scheduler, on a cluster', () => {
  const cluster = useServer(() => startCluster());

  test('starts the tasks of schedules, whose hashes lie in other slots', async () => {
    const redis = { cluster: cluster().startupNodes };
    const app = await createApp({ tasks: [Brief], redis, logger: false, worker: { grace: 0 } });
    try {
      await app.start();
      const names = ['a', 'b', 'c'];
      for (const name of names) await app.client.schedules.add(name, Brief, { every: '1s' });
      const ids = await eventually(async () => {
        const records = await app.client.schedules.list();
        return records.map(({ lastId }) => lastId ?? expect(lastId).toBeDefined());
      });
      for (const id of ids as string[]) expect(await app.client.result(id, { timeout: '5s' })).toBe(id);
    } finally {
      await app.close();
    }
  });
});

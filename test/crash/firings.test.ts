import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createApp } from '../../src/app/create-app';
import type { AppOptions } from '../../src/app/options';
import { Task } from '../../src/decorators/task';
import { deferred } from '../../src/deferred';
import { type Schedule } from '../../src/schedule/schedule';
import { TaskKeys, type WireNames } from '../../src/task/keys';
import { describeCall, FaultProxy, faultyStore, openBackend, type StoreCall } from '../../src/testing';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import type { RedisServer } from '../support/redis-server';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { cutAt, type Sent } from './command-points';
import { liveAtEveryPoint, useRehearsals } from './every-point';

const DEADLINE_MS = 20_000;
/** Verbs and commands of a firing; the rest is that of any worker. */
const VERBS: readonly string[] = ['elect', 'dueSchedules', 'advanceSchedule', 'makeFirings'];
const COMMANDS =
  /^(elect|due_schedules|advance_schedule|write_firing|push_firing|push_done|release_firings|shorten_marks|EXISTS)$/;

@Task('crash/fired')
class Fired {
  start(): string {
    return 'done';
  }
}

@Task('crash/other')
class Other {
  start(): void {}
}

/** Fires once: its next time is years away. */
const ONCE: Schedule = {
  ...{ name: 'once', task: 'crash/fired', data: '{}', overlap: 'queue', catchUp: 'last', declared: false },
  ...{ cron: '0 0 29 2 *', everyMs: undefined, tz: 'UTC' },
};

/** A scheduler that is to break. */
interface Doomed {
  readonly options: Partial<AppOptions>;
  /** Resolves when the fault has struck; a rehearsal has none. */
  readonly struck: Promise<void> | undefined;
  /** From now on nothing of it reaches Redis. */
  readonly bury: () => void;
  readonly close: () => Promise<void>;
}

/**
 * A schedule that is due fires while its scheduler breaks. A worker that is no scheduler runs the task, and its clean-up deletes it
 * at once; another scheduler comes after the first.
 */
async function live(server: RedisServer, makeDoomed: (names: WireNames) => Promise<Doomed>): Promise<void> {
  const prefix = `${randomUUID()}-`;
  const names: WireNames = {
    taskPrefix: `${prefix}task-`,
    taskSet: `${prefix}tasks`,
    newQueue: `${prefix}new-task`,
    endQueue: `${prefix}end-task`,
  };
  const keys = new TaskKeys(names);
  const shared: AppOptions = { names, logger: false, redis: server.url, taskTimeout: 2_000 };
  const listening = new Redis(server.url);
  const told: string[] = [];
  listening.on('pmessage', (_pattern: string, channel: string, text: string) => {
    told.push(`${channel.slice(names.taskPrefix.length)} ${JSON.parse(text).event}`);
  });
  await listening.psubscribe(`${names.taskPrefix}schedule:*`);
  const backend = openBackend({ redis: server.url, names });
  await backend.store.putSchedule(ONCE, (await backend.store.scheduleClockMs()) - 1_000);
  const runner = await createApp({
    ...shared,
    tasks: [Fired],
    scheduler: false,
    monitor: { interval: 100 },
    cleanup: { interval: 50, retention: 0 },
  });
  await runner.start();
  const doomed = await makeDoomed(names);
  const dying = await createApp({ ...shared, tasks: [Other], monitor: false, cleanup: false, ...doomed.options });
  const rescuer = await createApp({ ...shared, tasks: [Other], monitor: false, cleanup: false });
  try {
    dying.start().catch(() => {}); // It breaks, or is closed, while it starts.
    const raw = server.connect();
    const isOver = async () => {
      expect(told.filter((event) => / success$/.test(event))).toHaveLength(1);
      expect([await raw.hlen(keys.scheduling.owed), await raw.zcard(keys.scheduling.claims)]).toEqual([0, 0]);
      expect(await raw.keys(`${names.taskPrefix}schedule:*`)).toEqual([]);
    };
    if (doomed.struck === undefined) await eventually(isOver, DEADLINE_MS);
    else await doomed.struck;
    doomed.bury();
    await rescuer.start();
    await eventually(isOver, DEADLINE_MS);
    await expectPlacesClean(server.url, keys, DEADLINE_MS);
    const id = told[0]?.split(' ')[0];
    expect(told.filter((event) => !/ (requeue)$/.test(event))).toEqual([`${id} start`, `${id} success`]);
    raw.disconnect();
  } finally {
    await Promise.all([runner.close(), rescuer.close(), dying.close()]);
    await Promise.all([backend.close(), doomed.close()]);
    listening.disconnect();
  }
}

describe('a firing whose scheduler', () => {
  const server = useServer(() => startRedis());

  /** Dies at this call; at none, it lives. */
  async function doomedAtCall(names: WireNames, point?: StoreCall, seen?: StoreCall[]): Promise<Doomed> {
    const backend = openBackend({ redis: server().url, names });
    const store = faultyStore(backend.store, {
      onCall: (call) => {
        seen?.push(call);
        return point && describeCall(call) === describeCall(point) ? { kind: 'crash' } : undefined;
      },
    });
    return {
      options: { providers: backend.providers(store) },
      struck: point && store.crashed,
      bury: () => store.bury(),
      close: () => backend.close(),
    };
  }

  /** Its connection is cut at this command: for good where that `kills` it. */
  async function doomedAtCommand(kills: boolean, point?: Sent, seen?: Sent[]): Promise<Doomed> {
    const proxy = await FaultProxy.start(server());
    const struck = deferred();
    cutAt(proxy, { point, see: (sent) => seen?.push(sent), kills, struck });
    return {
      options: { redis: proxy.url },
      struck: point && struck.promise,
      bury: () => (kills ? proxy.cut() : undefined),
      close: () => proxy.stop(),
    };
  }

  const callsOf = useRehearsals(['calls'], async () => {
    const seen: StoreCall[] = [];
    await live(server(), (names) => doomedAtCall(names, undefined, seen));
    return seen
      .filter(({ verb, nth }) => VERBS.includes(verb) && nth <= 2)
      .map((call) => ({ ...call, name: describeCall(call) }));
  });
  const commandsOf = useRehearsals(['commands'], async () => {
    const seen: Sent[] = [];
    await live(server(), () => doomedAtCommand(false, undefined, seen));
    return seen.filter(({ command, nth }) => COMMANDS.test(command) && nth <= 2);
  });

  // At a time: most of each is the wait for what a dead one has claimed.
  test.concurrent('dies at a call of its store is made once', async () => {
    await liveAtEveryPoint('a firing, dead at a store call', await callsOf('calls'), (point) =>
      live(server(), (names) => doomedAtCall(names, point)),
    );
  }, 120_000);

  test.concurrent.each([
    ['dies', true],
    ['loses its connection', false],
  ])(
    '%s at a command of Redis is made once',
    async (_what, kills) => {
      const what = `a firing, ${kills ? 'dead' : 'cut off'} at a command`;
      await liveAtEveryPoint(what, await commandsOf('commands'), (point) =>
        live(server(), () => doomedAtCommand(kills, point)),
      );
    },
    120_000,
  );
});

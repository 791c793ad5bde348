import { deferred } from '../../src/deferred';
import { encodeSchedule, firingId, type Schedule } from '../../src/schedule/schedule';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import { RedisFirings } from '../../src/store/redis/redis-firings';
import { writeFiring } from '../../src/store/redis/scripts/write-firing';
import type { ClaimedFirings, DueSchedule } from '../../src/store/schedule-store';
import { Bench, LONG_MS, newTask, outcome } from '../contract/bench';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useConnection } from '../support/use-connection';
import { useServer } from '../support/use-server';

/** Long enough for two calls on a busy machine: what comes after three quarters of it is refused. */
const CLAIM_MS = 1_500;
/** Of one firing: the hash, the push, the note in the hash, the note beside the queue, the mark. */
const CALLS = 5;

const OFTEN: Schedule = {
  ...{ name: 'often', task: 'probe', data: '{}', overlap: 'queue', catchUp: 'last', declared: false },
  ...{ cron: undefined, everyMs: 1_000, tz: 'UTC' },
};

describe('on Redis, a firing', () => {
  const server = useServer(() => startRedis());
  const bench = Bench.use(() => makeRedisBackend(server().url));
  const redis = useConnection(() => server().url);

  /** Decided now, and claimed by somebody. */
  async function decide(claimMs = CLAIM_MS): Promise<ClaimedFirings & { id: string }> {
    const { store } = bench();
    const dueMs = (await store.scheduleClockMs()) - 1_000;
    await store.putSchedule(OFTEN, dueMs);
    const due: DueSchedule = {
      schedule: OFTEN,
      version: encodeSchedule(OFTEN),
      dueMs,
      lastId: undefined,
      lastIsOwed: false,
    };
    const id = firingId('often', dueMs);
    const firings = [{ atMs: dueMs, task: newTask(id) }];
    const claimed = await store.advanceSchedule({ due, nextMs: 4e12, firings, skippedMs: undefined }, claimMs);
    return { ...(claimed as ClaimedFirings), id };
  }

  /** What nobody has made, once the claim is over. */
  function claimLater(claimMs = LONG_MS): Promise<ClaimedFirings> {
    return eventually(async () => {
      const { owed } = await bench().store.dueSchedules(claimMs);
      expect(owed.tasks).toHaveLength(1);
      return owed;
    });
  }

  async function makeLater(): Promise<void> {
    await bench().store.makeFirings(await claimLater());
  }

  /** Runs what waits; nothing is kept of it. */
  async function runAll(): Promise<string[]> {
    const { ids } = await bench().take();
    const opened = await bench().open(ids);
    for (const run of opened) if (run.kind === 'run') await bench().store.finish(run.lease, outcome('SUCCESS'));
    await bench().settleEnded(await bench().store.takeEnded('c1', 100, LONG_MS), 0);
    return ids.filter((_, position) => opened[position]?.kind === 'run');
  }

  /** A connection that stands still before its nth call, until it is let go. */
  function stallingAt(nth: number) {
    const [stalled, gate] = [deferred(), deferred()];
    let calls = 0;
    const connection = Object.create(redis(), {
      call: {
        value: async (run: Parameters<RedisConnection['call']>[0]) => {
          calls += 1;
          if (calls === nth) {
            stalled.resolve();
            await gate.promise;
          }
          return redis().call(run);
        },
      },
    }) as RedisConnection;
    return { connection, stalled: stalled.promise, letGo: gate.resolve, calls: () => calls };
  }

  test('is made in as many calls as the tests below stall at', async () => {
    const { id, ...firings } = await decide(LONG_MS);
    const { connection, calls } = stallingAt(0);
    await new RedisFirings(connection, bench().keys).make(firings);
    expect(calls()).toBe(CALLS);
    expect(await runAll()).toEqual([id]);
  });

  test.each(Array.from({ length: CALLS }, (_, place) => place + 1))(
    'is run once although its scheduler stood still before call %d while another made it, and its task ended and was deleted',
    async (nth) => {
      const { id, ...firings } = await decide();
      const { connection, stalled, letGo } = stallingAt(nth);
      const making = new RedisFirings(connection, bench().keys).make(firings);
      await stalled;
      const ran = await runAll();
      // At the last call there is nothing left to be made.
      if (nth < CALLS) await makeLater();
      ran.push(...(await runAll()));
      letGo();
      await making;
      ran.push(...(await runAll()));
      expect(ran).toEqual([id]);
      expect(await bench().hash(id)).toEqual({});
      await expectPlacesClean(server().url, bench().keys);
    },
  );

  // Is it pushed? Then the note in the hash, the note beside the queue, the mark.
  test.each([1, 2, 3, 4])(
    'is run once although two schedulers died on it, the second before call %d of its own',
    async (nth) => {
      const { id, ...firings } = await decide();
      // The first has pushed it, and died: the mark alone tells.
      const first = stallingAt(3);
      const dead = new RedisFirings(first.connection, bench().keys).make(firings);
      await first.stalled;
      const ran = await runAll();
      const second = stallingAt(nth);
      const dying = new RedisFirings(second.connection, bench().keys).make(await claimLater(CLAIM_MS));
      await Promise.race([second.stalled, dying]);
      expect(second.calls()).toBe(nth);
      if (nth < 4) await makeLater();
      ran.push(...(await runAll()));
      first.letGo();
      second.letGo();
      await Promise.all([dead, dying]);
      expect([...ran, ...(await runAll())]).toEqual([id]);
      expect(await bench().hash(id)).toEqual({});
    },
  );

  test('is run once although its scheduler wakes up to push it when another is about to write it', async () => {
    const { id, ...firings } = await decide();
    const [first, second] = [stallingAt(2), stallingAt(2)];
    const late = new RedisFirings(first.connection, bench().keys).make(firings);
    await first.stalled;
    const making = new RedisFirings(second.connection, bench().keys).make(await claimLater());
    await second.stalled;
    first.letGo();
    await late;
    const ran = await runAll();
    second.letGo();
    await making;
    expect([...ran, ...(await runAll())]).toEqual([id]);
    expect(await bench().hash(id)).toEqual({});
    await expectPlacesClean(server().url, bench().keys);
  });

  describe('that is written and not pushed', () => {
    async function written(): Promise<string> {
      const { id, untilMs } = await decide();
      const row = { key: bench().keys.task(id), name: 'probe', data: '{}', extra: '' };
      expect(await writeFiring.run(redis(), [row], { untilMs, token: 'firing' })).toEqual([1]);
      return id;
    }

    test('is on its way to the queue, for those who look', async () => {
      await written();
      const report = await expectPlacesClean(server().url, bench().keys, 0, ['recoverable']);
      expect(report.findings).toMatchObject([{ problem: 'push-owed', severity: 'recoverable', places: ['firing'] }]);
    });

    test('and is stopped, never begins, and begins once after a restart', async () => {
      const id = await written();
      expect(await bench().store.requestStop(id)).toBe('done');
      await makeLater();
      expect(await runAll()).toEqual([]);
      expect(await bench().store.restart(id)).toBe('done');
      expect(await runAll()).toEqual([id]);
      expect(await runAll()).toEqual([]);
    });

    test('and is removed, does not come back', async () => {
      const id = await written();
      expect(await bench().store.remove(id)).toBe('done');
      await makeLater();
      expect(await runAll()).toEqual([]);
      expect(await bench().hash(id)).toEqual({});
    });

    test('and is restarted, runs once', async () => {
      const id = await written();
      await bench().store.restart(id);
      expect(await runAll()).toEqual([id]);
      await makeLater();
      expect(await runAll()).toEqual([]);
    });
  });

  test('whose key is no hash is dropped, and holds up no other', async () => {
    const { id, ...firings } = await decide(LONG_MS);
    await bench().raw.lpush(bench().keys.task(id), 'x');
    await bench().store.makeFirings(firings);
    expect(await bench().queue()).toEqual([]);
    expect((await bench().store.dueSchedules(LONG_MS)).nextInMs).toBeGreaterThan(LONG_MS);
  });
});

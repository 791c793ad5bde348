import { admit } from '../../src/store/redis/scripts/lanes';
import { take } from '../../src/store/redis/scripts/take';
import { laneOf } from '../../src/task/lane';
import { NO_LIMIT } from '../../src/task/limit';
import { FaultProxy } from '../../src/testing/fault-proxy';
import { Bench, LONG_MS, newTask, outcome } from '../contract/bench';
import { eventually } from '../support/eventually';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

/** The worker `w1` is behind a proxy that loses the replies of its takes; what else it is asked goes through. */
describe('on Redis, where the reply to a take is lost', () => {
  const server = useServer(() => startRedis());
  const proxy = useServer(() => FaultProxy.start(server()));
  const bench = Bench.use(() => makeRedisBackend(proxy().url));

  async function loseTake(limit: number, keepMs = LONG_MS): Promise<void> {
    proxy().onCommand(({ script }) => (script === take.sha1 ? 'cut-after' : undefined));
    await expect(bench().take({ limit, keepMs })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    proxy().onCommand();
  }

  test('what is given up while a take is under way is not taken for lost', async () => {
    await bench().store.enqueue(['a', 'b'].map((id) => newTask(id)));
    await bench().take();
    await bench().raw.lpush(bench().keys.inbox(bench().keys.newQueue, 'w1'), 'lost');
    await bench().store.open(bench().requestOf(['a', 'b']));
    proxy().slow(30);
    const { ids } = await bench().take();
    proxy().slow(0);
    expect(ids).toEqual(['lost']);
  });

  test('the next place of an id whose first was used up is not lost with it', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().store.restart('a');
    await bench().take({ limit: 1 });
    const [opened] = await bench().store.open(bench().requestOf(['a']));
    expect(opened).toMatchObject({ kind: 'used-up' });
    await loseTake(1);
    const taken: string[] = [];
    await eventually(async () => {
      taken.push(...(await bench().take()).ids);
      expect(taken).toEqual(['a']);
    });
    expect(await bench().openOne('a')).toMatchObject({ kind: 'run' });
  });

  test('a worker that was told that it had lapsed finds out all the same', async () => {
    await bench().enqueue('a');
    await bench().take({ limit: 1, keepMs: 50 });
    // Others may have it by now.
    await bench().reapUntil('returned', 'a', 50);
    const { ids } = await bench().take({ worker: 'w2' });
    expect(ids).toEqual(['a']);
    await loseTake(0);
    await eventually(async () => expect(await bench().take({ limit: 0 })).toMatchObject({ lapsed: true }));
    expect(await bench().openOne('a')).toMatchObject({ kind: 'lapsed' });
    const run = await bench().openOne('a', { worker: 'w2' });
    if (run.kind !== 'run') throw new Error(`It is ${run.kind}.`);
    expect(await bench().store.finish(run.lease, outcome('SUCCESS'))).toBe(true);
  });

  test('one that had not lapsed keeps what it holds', async () => {
    await bench().enqueue('a');
    await bench().take({ limit: 1 });
    await loseTake(0);
    await eventually(async () => expect(await bench().take({ limit: 0 })).toMatchObject({ lapsed: false }));
    expect(await bench().openOne('a')).toMatchObject({ kind: 'run' });
  });

  test('what was taken before a look into lanes that failed is taken again', async () => {
    const bounds = { total: { ...NO_LIMIT, concurrency: 1 }, perKey: NO_LIMIT, room: 10 };
    const limits = { names: new Map([['probe', bounds]]), queue: NO_LIMIT };
    await bench().enqueue('laned', { lane: laneOf('') });
    await bench().enqueue('plain');
    proxy().onCommand(({ script }) => (script === admit.sha1 ? 'cut-after' : undefined));
    await expect(bench().take({ limits })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    proxy().onCommand();
    const taken: string[] = [];
    await eventually(async () => {
      taken.push(...(await bench().take({ limits })).ids);
      expect(taken.toSorted()).toEqual(['laned', 'plain']);
    });
  });
});

import { claimed } from '../../src/store/redis/scripts/claimed';
import { finish } from '../../src/store/redis/scripts/finish';
import { giveBack } from '../../src/store/redis/scripts/give-back';
import { lapse } from '../../src/store/redis/scripts/lapse';
import { open } from '../../src/store/redis/scripts/open';
import { restart } from '../../src/store/redis/scripts/restart';
import { Bench, LONG_MS, newTask, outcome } from '../contract/bench';
import { eventually } from '../support/eventually';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useConnection } from '../support/use-connection';
import { useServer } from '../support/use-server';

/** What a store does in several steps on Redis, left after one of them: as if its process had died there. */
describe('on Redis, a step of several', () => {
  const server = useServer(() => startRedis());
  const bench = Bench.use(() => makeRedisBackend(server().url));
  const redis = useConnection(() => server().url);

  const key = () => bench().keys.task('a');
  const limits = { leaseMs: LONG_MS, longMs: 10 * LONG_MS, maxCrashes: 5, output: '', counts: 1 };

  test('a requeue of a leaving worker that was not pushed is pushed, once', async () => {
    const { lease } = await bench().begin('a');
    await giveBack.run(redis(), [{ key: key(), token: lease.token }], { intent: 'requeue' });
    await bench().raw.del(bench().keys.leases);
    expect(await bench().store.reap(LONG_MS)).toMatchObject({ requeued: ['a'] });
    expect(await bench().store.requeue([lease])).toEqual(['lost']);
    expect(await bench().store.reap(LONG_MS)).toMatchObject({ requeued: [] });
    expect(await bench().queue()).toEqual(['a']);
    expect(await bench().hash('a')).not.toHaveProperty('push');
  });

  test('a requeue that is repeated because its push was lost is pushed, once', async () => {
    const { lease } = await bench().begin('a');
    await giveBack.run(redis(), [{ key: key(), token: lease.token }], { intent: 'requeue' });
    expect(await bench().store.requeue([lease])).toEqual(['requeued']);
    await bench().store.reap(LONG_MS);
    expect(await bench().queue()).toEqual(['a']);
  });

  test.each(['ours', 'foreign'])(
    'a dead worker’s task (%s) that one monitor did not push is pushed by the next',
    async (whose) => {
      await bench().begin('a');
      await bench().age('a');
      if (whose === 'foreign') await redis().call((client) => client.hdel(key(), 'lease', 'worker'));
      await lapse.run(redis(), [{ key: key(), lapsed: 1 }], limits);
      expect(await bench().queue()).toEqual([]);
      expect(await bench().store.reap(LONG_MS)).toMatchObject({ requeued: ['a'] });
      expect(await bench().queue()).toEqual(['a']);
    },
  );

  test('what a foreign monitor has put back is not put back again', async () => {
    await bench().begin('a', { leaseMs: 1 });
    await bench().raw.hset(key(), { state: 'WAIT' });
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    for (let pass = 0; pass < 3; pass++) expect(await bench().store.reap(1)).toMatchObject({ requeued: [] });
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a restart whose process died is pushed when its time is over', async () => {
    await bench().end('a');
    await redis().call((client) => client.sadd(bench().keys.taskSet, 'a'));
    await restart.run(redis(), { key: key() }, { control: 'c', token: 't', listed: 1 }, ['SUCCESS']);
    expect(await bench().store.reap(LONG_MS)).toMatchObject({ requeued: ['a'] });
    expect(await bench().queue()).toEqual(['a']);
  });

  test.each(['stop', 'remove'])(
    'a %s of a task whose push is owed leaves a place to be used up, and no other',
    async (what) => {
      const { lease } = await bench().begin('a');
      await giveBack.run(redis(), [{ key: key(), token: lease.token }], { intent: 'requeue' });
      if (what === 'stop') await bench().store.requestStop('a');
      else await bench().store.remove('a');
      expect(await bench().queue()).toEqual(['a']);
      if (what === 'stop') expect(await bench().store.restart('a')).toBe('done');
      else await bench().enqueue('a');
      const { ids } = await bench().take();
      expect(ids).toEqual(['a', 'a']);
      expect(await bench().openOne('a')).toMatchObject({ kind: 'used-up' });
      expect(await bench().openOne('a')).toMatchObject({ kind: 'run' });
    },
  );

  test('a run that was begun, but whose place was not given up, is no second place', async () => {
    await bench().enqueue('a');
    await bench().enqueue('b');
    await bench().take({ keepMs: 1 });
    await begin();
    await bench().raw.hset(key(), { last_update: '1000.500000000' });
    expect(await reapUntilReturned('b')).toMatchObject({ returned: ['b'], requeued: ['a'] });
    expect(await bench().queue()).toEqual(['a', 'b']);
  });

  test('a living run whose place was not given up is in the index, and its place is gone', async () => {
    await bench().enqueue('a');
    await bench().take({ keepMs: 1 });
    await begin();
    await eventually(async () => {
      await bench().store.reap(LONG_MS);
      expect(await bench().active()).toEqual(['a']);
    });
    expect(await bench().queue()).toEqual([]);
    expect(await redis().call((client) => client.zscore(bench().keys.leases, 'a'))).not.toBeNull();
  });

  test('a lapsed run takes its place in the dead worker’s inbox along', async () => {
    await bench().enqueue('a');
    await bench().take();
    await begin();
    await bench().age('a');
    await bench().raw.sadd(bench().keys.taskSet, 'a');
    expect(await bench().store.reap(LONG_MS)).toMatchObject({ requeued: ['a'] });
    await bench().store.leave('w1');
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a place that was used up, and not given up, is not met again', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().take({ keepMs: 1 });
    await begin();
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED', 'used:w1': '1' });
    expect(await claimed.run(redis(), [{ key: key() }], { worker: 'w1', queueField: '', leaseMs: LONG_MS })).toEqual([
      ['used', 1],
    ]);
    await bench().store.reap(LONG_MS);
    expect(await bench().queue()).toEqual([]);
    expect(await bench().hash('a')).toMatchObject({ state: 'STOPPED' });
  });

  test('a worker that leaves puts back no place that it has used up, or whose run it has begun', async () => {
    await bench().enqueue('stopped');
    await bench().store.requestStop('stopped');
    await bench().enqueue('a');
    await bench().enqueue('b');
    await bench().take();
    await begin('stopped', 'a');
    await bench().store.leave('w1');
    expect(await bench().queue()).toEqual(['b']);
    expect(await bench().active()).toEqual(expect.arrayContaining(['a', 'stopped']));
  });

  test('a place that was used up, and whose reply was lost, is used up once', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().take();
    await begin();
    expect(await bench().openOne('a')).toMatchObject({ kind: 'used-up' });
    expect(await bench().hash('a')).not.toHaveProperty(['used:w1']);
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    expect(await bench().beginNext()).toMatchObject({ kind: 'run' });
  });

  test('a place that was used up, and not given up, is not met again after others have run the task', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().store.restart('a');
    await bench().take({ limit: 1, keepMs: 1 });
    await begin();
    const { lease } = await bench().beginNext({ worker: 'w2' });
    await bench().store.finish(lease, outcome('SUCCESS'));
    await bench().store.reap(LONG_MS);
    expect(await bench().queue()).toEqual([]);
    expect(await bench().hash('a')).not.toHaveProperty(['used:w1']);
  });

  test('an end that did not reach the end queue reaches it once, however often it is repeated', async () => {
    const { lease } = await bench().begin('a');
    await finish.run(redis(), [{ key: key(), token: lease.token, state: 'SUCCESS', output: '1', event: '' }], {});
    const end = { state: 'SUCCESS', output: '1', event: '{}' } as const;
    expect(await bench().store.finish(lease, end)).toBe(true);
    await bench().raw.del(bench().keys.leases);
    await bench().store.reap(1);
    expect(await bench().endQueue()).toEqual(['a']);
    expect(await bench().active()).toEqual([]);
  });

  test('a living run that a failover has taken out of the index is put back by its heartbeat', async () => {
    const { lease } = await bench().begin('a');
    await bench().raw.del(bench().keys.leases);
    await bench().raw.del(bench().keys.taskSet);
    await bench().store.heartbeat([lease], LONG_MS);
    expect(await bench().active()).toEqual(['a']);
    expect(await redis().call((client) => client.zscore(bench().keys.leases, 'a'))).not.toBeNull();
  });

  test.each([
    ['is stopped', { control: 'stop' }],
    ['has crashed too often', { crashes: '4' }],
  ])('a lapsed run that %s takes its place in the dead worker’s inbox along', async (_what, fields) => {
    await bench().enqueue('a');
    await bench().take();
    await begin();
    await bench().age('a', fields);
    await bench().raw.sadd(bench().keys.taskSet, 'a');
    await bench().store.reap(LONG_MS, 5);
    await bench().store.leave('w1');
    expect(await bench().queue()).toEqual([]);
  });

  test('what a take has lost on the way comes before what waits, and goes back where there is no slot for it', async () => {
    await bench().enqueue('a');
    await bench().enqueue('b');
    await redis().call((client) =>
      client.lmove(bench().keys.newQueue, bench().keys.inbox(bench().keys.newQueue, 'w1'), 'RIGHT', 'LEFT'),
    );
    expect((await bench().take({ limit: 1 })).ids).toEqual(['a']);
    expect(await bench().queue()).toEqual(['b']);
    await redis().call((client) =>
      client.lmove(bench().keys.newQueue, bench().keys.inbox(bench().keys.newQueue, 'w1'), 'RIGHT', 'LEFT'),
    );
    expect((await bench().take({ limit: 0 })).ids).toEqual([]);
    expect(await bench().queue()).toEqual(['b']);
    expect(await bench().inbox('w1')).toEqual(['a']);
  });

  test('a restart gives back a push that was lost, however often it is lost', async () => {
    for (let times = 1; times <= 2; times++) {
      await bench().raw.hset(key(), { task: 'probe', data: '{}', state: 'WAIT', created: String(times) });
      await redis().call((client) => client.hdel(key(), 'lease'));
      expect(await bench().store.restart('a')).toBe('unchanged');
      expect(await bench().queue()).toEqual(['a']);
      await bench().store.finish((await bench().beginNext()).lease, outcome('SUCCESS'));
    }
  });

  test('a unique task that was written and not pushed is brought back by an orphan scan, or by its enqueuer, once', async () => {
    const claim = { key: 'k', policy: 'keep', while: 'unended', windowMs: undefined } as const;
    await bench().store.enqueueUnique(newTask('a'), claim);
    const [, token = ''] = (await bench().hash('a')).unique?.split(':') ?? [];
    // As it was before the push.
    await bench().raw.del(bench().keys.newQueue);
    await bench().raw.del(bench().keys.pushed(bench().keys.newQueue, 'a', token));
    await bench().raw.hset(key(), { push: token });
    const { found } = await bench().store.adoptOrphans(new Set());
    expect((await bench().store.adoptOrphans(found)).adopted).toEqual(['a']);
    expect(await bench().queue()).toEqual(['a']);
    await bench().raw.hset(key(), { push: token });
    expect(await bench().store.enqueueUnique(newTask('b'), claim)).toEqual({ kind: 'duplicate', id: 'a' });
    expect(await bench().queue()).toEqual(['a']);
  });

  test('a restart forgets since when nobody has known the name', async () => {
    await bench().raw.hset(key(), { task: 'probe', state: 'STOPPED', unknown_since: '1000' });
    await bench().store.restart('a');
    expect(await bench().hash('a')).not.toHaveProperty('unknown_since');
  });

  /** The script alone, as the worker `w1`: its places in the inbox stay. */
  async function begin(...ids: readonly string[]): Promise<void> {
    const args = {
      worker: 'w1',
      workerJson: '"w1"',
      token: 'w1:0',
      claimEndsMs: Number.MAX_SAFE_INTEGER,
      leaseMs: LONG_MS,
      queueField: '',
      unknownMs: 0,
      timed: 0,
    };
    const items = (ids.length > 0 ? ids : ['a']).map((id) => ({ key: bench().keys.task(id), here: 0 }));
    await open.run(redis(), items, args, ['probe', '"probe"', -1]);
  }

  async function reapUntilReturned(id: string) {
    const report = await bench().reapUntil('returned', id, LONG_MS);
    return report;
  }
});

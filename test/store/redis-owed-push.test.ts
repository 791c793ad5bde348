import { pushBack } from '../../src/store/redis/push-back';
import { lapse } from '../../src/store/redis/scripts/lapse';
import { Bench, LONG_MS, outcome } from '../contract/bench';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useConnection } from '../support/use-connection';
import { useServer } from '../support/use-server';

describe('on Redis, a push that is owed', () => {
  const server = useServer(() => startRedis());
  const bench = Bench.use(() => makeRedisBackend(server().url));
  const redis = useConnection(() => server().url);

  const key = () => bench().keys.task('a');
  const limits = { leaseMs: LONG_MS, longMs: 10 * LONG_MS, maxCrashes: 5, output: '', counts: 1 };

  test('by one monitor is not made again, where another has put the dead worker’s inbox back', async () => {
    const { lease } = await bench().begin('a');
    await bench().age('a');
    const { keys } = bench();
    await bench().raw.lpush(keys.inbox(keys.newQueue, 'w1'), 'a');
    await lapse.run(redis(), [{ key: key(), lapsed: 1 }], limits);
    await redis().call((client) => client.zadd(keys.workers(keys.newQueue), 0, 'w1'));
    await bench().store.reap(LONG_MS);
    expect(await bench().queue()).toEqual(['a']);
    expect(await bench().inbox('w1')).toEqual([]);
    const next = await bench().beginNext({ worker: 'w2' });
    await bench().store.finish(next.lease, outcome('SUCCESS'));
    expect(await pushBack(redis(), keys, [{ id: 'a', token: lease.token, from: 'w1' }], 'head')).toEqual([false]);
    expect(await bench().queue()).toEqual([]);
  });
});

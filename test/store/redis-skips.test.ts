import { SystemClock } from '../../src/clock';
import { silentLogger } from '../../src/logger';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import { open } from '../../src/store/redis/scripts/open';
import { remove } from '../../src/store/redis/scripts/remove';
import { requestStop } from '../../src/store/redis/scripts/request-stop';
import { withdraw } from '../../src/store/redis/scripts/withdraw';
import { TASK_STATES } from '../../src/task/state';
import { Bench, LONG_MS } from '../contract/bench';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

describe('on Redis, of the places of a task that are to be skipped', () => {
  const server = useServer(() => startRedis());
  const bench = Bench.use(() => makeRedisBackend(server().url));
  const redis = useServer(async () => {
    const connection = new RedisConnection(server().url, new SystemClock(), silentLogger);
    return { connection, stop: () => connection.close() };
  });

  const key = () => bench().keys.task('a');

  async function openWithoutGivingUp(): Promise<void> {
    const claimEndsMs = Number.MAX_SAFE_INTEGER;
    const args = { worker: 'w1', workerJson: '"w1"', token: 'w1:1', claimEndsMs, leaseMs: LONG_MS, unknownMs: 0 };
    await open.run(redis().connection, [{ key: key(), here: 0 }], { ...args, queueField: '', timed: 0 });
  }

  test('a place that was used up in one queue says nothing of the one that the worker has in another', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().enqueue('a', { queue: 'mail' });
    await bench().take({ keepMs: 1 });
    await bench().take({ queue: 'mail', keepMs: 1 });
    // Its place is not given up before this worker is taken for dead.
    await openWithoutGivingUp();
    await bench().reapUntil('returned', 'a', LONG_MS);
    expect(await bench().queue()).toEqual([]);
    expect(await bench().queue('mail')).toEqual(['a']);
  });

  test('a place that was used up says nothing of a second one in the same inbox', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().store.restart('a');
    expect((await bench().take({ keepMs: 1 })).ids).toEqual(['a', 'a']);
    await openWithoutGivingUp();
    await bench().reapUntil('returned', 'a', LONG_MS);
    expect(await bench().queue()).toEqual(['a']);
    expect((await bench().beginNext({ worker: 'w2' })).lease.id).toBe('a');
  });

  test.each(['requestStop', 'remove'] as const)(
    'a %s that took the place back while another call counted on it leaves nothing to be skipped',
    async (how) => {
      await bench().enqueue('a', { priority: 1 });
      const { keys } = bench();
      const queue = keys.newQueue;
      const beside = { delayed: keys.delayed(queue), levels: keys.levels(queue), prioritized: keys.prioritized(queue) };
      const withdrawn = await withdraw.run(redis().connection, beside, { id: 'a' });
      await bench().raw.hset(key(), { skip: '1' });
      const args = { control: keys.control('a'), withdrawn, beside: 'priority 1', from: '' };
      await (how === 'remove'
        ? remove.run(redis().connection, { key: key() }, args, TASK_STATES)
        : requestStop.run(redis().connection, { key: key() }, { ...args, listed: 1 }, TASK_STATES));
      expect(await bench().hash('a')).not.toHaveProperty('skip');
    },
  );
});

import { Bench } from '../contract/bench';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useConnection } from '../support/use-connection';
import { useServer } from '../support/use-server';

describe('the log of a task, on a Redis that is out of memory', () => {
  const server = useServer(() => startRedis());
  const bench = Bench.use(() => makeRedisBackend(server().url));
  const redis = useConnection(() => server().url);
  const setMemory = (bytes: string) => redis().call((client) => client.config('SET', 'maxmemory', bytes));

  test('refuses lines, and says so: they are not taken for those of a run that has ended', async () => {
    const { lease } = await bench().begin('a');
    await setMemory('1');
    try {
      await expect(bench().store.appendLog(lease, '{}', 10)).rejects.toMatchObject({
        code: 'STORE_REFUSED',
        message: expect.stringContaining('OOM'),
      });
    } finally {
      await setMemory('0');
    }
    expect(await bench().store.appendLog(lease, '{}', 10)).toBe(true);
  });
});

import { Bench, LONG_MS } from '../contract/bench';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

describe('on Redis, beside a pytask worker, which writes neither lease nor worker', () => {
  const server = useServer(() => startRedis());
  const bench = Bench.use(() => makeRedisBackend(server().url));
  const key = () => bench().keys.task('a');
  const FOREIGN = { state: 'RUNNING', last_update: '1000.5' };

  test('a task that dies there is put back, although it was put back by us before', async () => {
    const { lease } = await bench().begin('a');
    await bench().store.requeue([lease]);
    await bench().raw.del(bench().keys.newQueue);
    await bench().raw.hset(key(), FOREIGN);
    expect(await bench().store.reap(LONG_MS)).toMatchObject({ requeued: ['a'] });
    expect(await bench().queue()).toEqual(['a']);
  });

  test.each(['stop', 'remove'])('a %s that was asked for there is not done to the next run', async (control) => {
    await bench().end('a');
    await bench().raw.hset(key(), { control });
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    expect(await bench().beginNext()).toMatchObject({ control: undefined });
    expect(await bench().hash('a')).not.toHaveProperty('control');
  });

  test('a removal that was asked for there is done', async () => {
    await bench().raw.hset(key(), { task: 'probe', state: 'STOPPED', control: 'remove' });
    await bench().raw.sadd(bench().keys.taskSet, 'a');
    expect(await bench().store.reap(LONG_MS)).toMatchObject({ removed: ['a'] });
    expect(await bench().hash('a')).toEqual({});
  });

  test('a push while it runs there is used up, also by the worker that ran it before', async () => {
    await bench().end('a');
    await bench().raw.hset(key(), { state: 'RUNNING', last_update: String(Date.now() / 1000) });
    await bench().raw.lpush(bench().keys.newQueue, 'a');
    await bench().take();
    expect(await bench().openOne('a')).toEqual({ kind: 'used-up' });
  });
});

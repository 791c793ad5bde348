import { giveUpUsed } from '../../src/store/redis/scripts/give-up-used';
import { FaultProxy } from '../../src/testing';
import { Bench } from '../contract/bench';
import { eventually } from '../support/eventually';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useConnection } from '../support/use-connection';
import { useServer } from '../support/use-server';

/** What a store has to give up in a second call, which its connection loses. */
describe('on Redis, a place whose giving up is cut off', () => {
  const server = useServer(() => startRedis());
  const proxy = useServer(() => FaultProxy.start(server()));
  const bench = Bench.use(() => makeRedisBackend(proxy().url));
  const redis = useConnection(() => server().url);

  test('a place that could not be given up is, before the next one of its id is opened', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().store.restart('a');
    expect((await bench().take()).ids).toEqual(['a', 'a']);
    let scripts = 0;
    // The first script is `open`, the second gives up.
    proxy().onCommand(({ script }) => (script !== undefined && ++scripts === 2 ? 'cut-before' : undefined));
    expect(await bench().openOne('a')).toMatchObject({ kind: 'used-up' });
    proxy().onCommand();
    expect(await bench().openOne('a')).toMatchObject({ kind: 'run' });
    expect(await bench().inbox('w1')).toEqual([]);
  });

  test('the next place of its id stays where it was given up, and that is repeated as its reply was lost', async () => {
    await bench().enqueue('a');
    await bench().store.requestStop('a');
    await bench().store.restart('a');
    expect((await bench().take()).ids).toEqual(['a', 'a']);
    proxy().onCommand(({ script }) => (script === giveUpUsed.sha1 ? 'cut-after' : undefined));
    expect(await bench().openOne('a')).toMatchObject({ kind: 'used-up' });
    await eventually(async () => expect(proxy().counts.cut).toBeGreaterThan(0));
    proxy().onCommand();
    // Gives up first what it does not know to be given up.
    await eventually(() => bench().take({ limit: 0 }));
    expect(await bench().inbox('w1')).toEqual(['a']);
    expect(await bench().hash('a')).not.toHaveProperty(['used:w1']);
    expect(await bench().openOne('a')).toMatchObject({ kind: 'run' });
  });

  test('is given up together with its mark, also where Redis is taught its scripts anew', async () => {
    const useUp = async (id: string) => {
      await bench().enqueue(id);
      await bench().store.requestStop(id);
      await bench().take();
      expect(await bench().openOne(id)).toMatchObject({ kind: 'used-up' });
    };
    // From now on the client sends the names of its scripts alone.
    await useUp('before');
    await eventually(async () => expect(await bench().inbox('w1')).toEqual([]));
    await redis().call((client) => client.script('FLUSH'));
    const before = proxy().counts.cut;
    proxy().onCommand(({ name, script }) => (script === giveUpUsed.sha1 && name === 'EVAL' ? 'cut-before' : undefined));
    await useUp('a');
    await eventually(async () => expect(proxy().counts.cut).toBeGreaterThan(before));
    // By a connection that was not cut.
    const { keys } = bench();
    const inbox = keys.inbox(keys.newQueue, 'w1');
    expect(await redis().call((client) => client.lrange(inbox, 0, -1))).toEqual(['a']);
    const marked = { state: 'STOPPED', 'used:w1': '1' };
    expect(await redis().call((client) => client.hgetall(keys.task('a')))).toMatchObject(marked);
  });

  test('is given up without a mark where the task was removed', async () => {
    await bench().enqueue('a');
    await bench().store.remove('a');
    expect((await bench().take()).ids).toEqual(['a']);
    expect(await bench().openOne('a')).toMatchObject({ kind: 'used-up' });
    await eventually(async () => expect(await bench().inbox('w1')).toEqual([]));
    expect(await bench().hash('a')).toEqual({});
  });
});

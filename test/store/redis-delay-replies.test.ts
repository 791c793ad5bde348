import { withdraw } from '../../src/store/redis/scripts/withdraw';
import { FaultProxy } from '../../src/testing/fault-proxy';
import { Bench, LONG_MS } from '../contract/bench';
import { eventually } from '../support/eventually';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const RETRY = { delayMs: LONG_MS, error: 'no luck', event: '{"event":"retry","data":{"failures":1}}' };

/** A client is behind a proxy that loses the reply to the removal of an id from those that wait for their time. */
describe('on Redis, where a task that waits for its time was taken out of where it waits, and the reply is lost', () => {
  const server = useServer(() => startRedis());
  const proxy = useServer(() => FaultProxy.start(server()));
  const bench = Bench.use(() => makeRedisBackend(proxy().url));

  async function loseWithdrawal(call: () => Promise<unknown>): Promise<void> {
    let isLost = false;
    proxy().onCommand(({ script }) => {
      if (isLost || script !== withdraw.sha1) return undefined;
      isLost = true;
      return 'cut-after';
    });
    await expect(call()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    proxy().onCommand();
    await eventually(() => bench().reader.counts());
    expect(await bench().reader.counts()).toMatchObject({ delayed: 0, waiting: 0 });
  }

  describe.each([
    ['for its first run', () => bench().enqueue('a', { due: { inMs: LONG_MS } })],
    ['for its next run', async () => bench().store.retry((await bench().begin('a')).lease, RETRY)],
  ])('%s', (_name, wait) => {
    test('a removal that is repeated leaves no place to be skipped', async () => {
      await wait();
      await loseWithdrawal(() => bench().store.remove('a'));
      expect(await bench().store.remove('a')).toBe('done');
      expect(await bench().hash('a')).toEqual({});
      await bench().enqueue('a');
      expect(await bench().beginNext()).toMatchObject({ kind: 'run' });
    });

    test('nor does a stop', async () => {
      await wait();
      await loseWithdrawal(() => bench().store.requestStop('a'));
      expect(await bench().store.requestStop('a')).toBe('done');
      expect(await bench().hash('a')).not.toHaveProperty('skip');
      await bench().store.restart('a');
      expect(await bench().beginNext()).toMatchObject({ kind: 'run' });
    });

    test('a restart puts it back', async () => {
      await wait();
      await loseWithdrawal(() => bench().store.remove('a'));
      expect(await bench().store.restart('a')).toBe('unchanged');
      expect(await bench().beginNext()).toMatchObject({ kind: 'run' });
      await bench().store.restart('a');
      expect(await bench().queue()).toEqual([]);
    });
  });
});

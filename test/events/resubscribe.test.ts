import { FaultProxy } from '../../src/testing';
import { eventually } from '../support/eventually';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

describe('a subscription whose connection is lost', () => {
  const server = useServer(() => startRedis());
  const proxy = useServer(() => FaultProxy.start(server()));

  test('stands again, although the connection is lost once more before the reply', async () => {
    const backend = await makeRedisBackend(proxy().url);
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const heard: string[] = [];
      await backend.events.onEvery((event) => heard.push(event.event));
      let cuts = 0;
      proxy().onCommand(({ name }) => (name === 'PSUBSCRIBE' && ++cuts === 1 ? 'cut-before' : undefined));
      proxy().cut();
      await eventually(() => expect(cuts).toBe(2));
      const raw = server().connect();
      await eventually(async () => {
        await raw.publish(backend.keys.task('a'), '{"event":"hello","data":null}');
        expect(heard).toContain('hello');
      });
      raw.disconnect();
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
      await backend.close();
    }
  });
});

import { createApp, Task } from 'taskwarden';
import { FaultProxy } from 'taskwarden/testing';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

@Task('pay')
class Pay {
  async start(): Promise<string> {
    return 'paid';
  }
}

const redis = useServer(() => startRedis());

test('a task comes through while every third script loses its reply and its connection', async () => {
  const proxy = await FaultProxy.start(redis());
  const options = { tasks: [Pay], taskTimeout: '600ms', monitor: { interval: '100ms' }, logger: false } as const;
  const producer = await createApp({ ...options, redis: redis().url, worker: false });
  const app = await createApp({ ...options, redis: proxy.url });
  try {
    let scripts = 0;
    proxy.onCommand(({ name }) => (name === 'EVALSHA' && ++scripts % 3 === 0 ? 'cut-after' : undefined));
    await app.start();
    const payments = await Promise.all([1, 2, 3].map(() => producer.client.start(Pay)));
    const results = await Promise.all(payments.map((payment) => payment.result({ timeout: '20s' })));
    expect(results).toEqual(['paid', 'paid', 'paid']);
    expect(proxy.counts.cut).toBeGreaterThan(0);
    proxy.onCommand();
  } finally {
    await Promise.all([app.close(), producer.close()]);
    await proxy.stop();
  }
});

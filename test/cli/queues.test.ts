import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { runCli } from './run-cli';

const redis = useServer(() => startRedis());

test('queues shows what waits in each, as a table and as JSON', async () => {
  const raw = redis().connect();
  await raw.lpush('new-task', 'a', 'b');
  raw.disconnect();

  const table = await runCli(['queues', '--redis', redis().url]);
  expect(table.output).toEqual(['QUEUE    WAITING  DELAYED  OLDEST  STATE', 'default        2        0       -  open']);
  expect(table.code).toBe(0);

  const json = await runCli(['--json', 'queues'], { env: { REDIS_URL: redis().url } });
  expect(json.output.map((line) => JSON.parse(line))).toEqual([
    { name: 'default', waiting: 2, delayed: 0, paused: false },
  ]);
});

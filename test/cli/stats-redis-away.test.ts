import { runScript } from '../support/child-process';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const redis = useServer(() => startRedis());

test('stats --live outlives a Redis that is away: it says so, and goes on by itself', async () => {
  const args = ['stats', '--interval', '200ms', '--redis', redis().url];
  const command = await runScript('build/src/cli/main.js', { args });
  await command.waitForLine(/ waiting=0 /, 20_000);
  await redis().crash();
  await command.waitForLine(/^taskwarden: Redis at .* does not answer/, 20_000);
  const before = command.stdoutLines.length;
  await redis().revive();
  await command.waitForLine(/ waiting=0 /, 20_000, before + 1);
  command.kill('SIGINT');
  expect((await command.exited).code).toBe(130);
});

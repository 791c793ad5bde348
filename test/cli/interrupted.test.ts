import type { Redis } from 'ioredis';
import { runScript } from '../support/child-process';
import { eventually } from '../support/eventually';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const server = useServer(() => startRedis());
let redis: Redis;

beforeEach(async () => {
  redis = server().connect();
  await redis.hset('task-a', { task: 'probe' });
});
afterEach(async () => {
  await redis.call('CLIENT', 'UNPAUSE');
  redis.disconnect();
});

test.each([
  ['--task', 'nobody'],
  ['--count', '--json'],
])('ls %s %s is left at once when it is interrupted, although it waits for Redis', async (...flags) => {
  // Scripts wait, other reads do not: the search stands still in its first step.
  await redis.call('CLIENT', 'PAUSE', '60000', 'WRITE');
  await redis.config('RESETSTAT');
  const command = await runScript('build/src/cli/main.js', { args: ['ls', ...flags, '--redis', server().url] });
  await eventually(async () => expect(await redis.info('commandstats')).toContain('cmdstat_scan'), 20_000);
  command.kill('SIGINT');
  expect((await command.exited).code).toBe(130);
  expect(command.lines).toEqual([]);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('pause, which knows nothing of signals, is left at the first %s with exit code %i', async (name, code) => {
  await redis.call('CLIENT', 'PAUSE', '60000', 'WRITE');
  const command = await runScript('build/src/cli/main.js', { args: ['pause', 'mail', '--redis', server().url] });
  await eventually(
    async () => expect(await redis.client('LIST')).toMatch(/name=taskwarden:commands .* flags=b/),
    20_000,
  );
  command.kill(name);
  expect(await command.exited).toEqual({ code, signal: null });
  expect(command.stderrLines).toEqual(['taskwarden: interrupted: what it has asked for is not waited for']);
});

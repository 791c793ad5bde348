import type { Redis } from 'ioredis';
import type { TaskReader } from '../../src/store/task-reader';
import { Bench } from '../contract/bench';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const server = useServer(() => startRedis());
const bench = Bench.use(() => makeRedisBackend(server().url));

/** Names of the commands that Redis ran for a look. */
async function commandsOf(look: (reader: TaskReader) => Promise<unknown>): Promise<string[]> {
  const raw: Redis = server().connect();
  try {
    await raw.config('RESETSTAT');
    await look(bench().reader);
    const stats = await raw.info('commandstats');
    return [...stats.matchAll(/^cmdstat_([^:|]+)/gm)].map(([, name]) => name as string).sort();
  } finally {
    raw.disconnect();
  }
}

beforeEach(async () => {
  await bench().begin('a');
  await bench().enqueue('m', { queue: 'mail' });
});

test('workers are looked up without a read of what they run, where that is not asked for', async () => {
  expect(await commandsOf((reader) => reader.workers())).toEqual(expect.arrayContaining(['hmget']));
  expect(await commandsOf((reader) => reader.workers({ runs: false }))).not.toEqual(expect.arrayContaining(['hmget']));
});

test('the counts of queues that were just read cost two commands', async () => {
  const queues = await bench().reader.queues();
  const commands = await commandsOf((reader) => reader.counts(queues));
  expect(commands.filter((name) => !['config', 'info'].includes(name))).toEqual(['llen', 'scard']);
});

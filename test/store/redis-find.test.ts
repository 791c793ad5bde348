import { StoreUnavailableError } from '../../src/errors';
import type { ContractBackend } from '../contract/backend';
import { newTask } from '../contract/bench';
import { eventually } from '../support/eventually';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const server = useServer(() => startRedis({ appendOnly: true, settings: ['enable-debug-command local'] }));
let backend: ContractBackend;

beforeEach(async () => {
  backend = await makeRedisBackend(server().url);
});
afterEach(() => backend.close());

async function enqueue(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `id-${n}`);
  await backend.store.enqueue(ids.map((id) => newTask(id)));
  return ids;
}

test('a key of another type is no task', async () => {
  await backend.raw.lpush(backend.keys.task('list'), 'x');
  await enqueue(1);
  const found: string[] = [];
  for await (const { ids } of backend.reader.find({})) found.push(...ids);
  expect(found).toEqual(['id-0']);
});

test('while the table of Redis shrinks every task that stays is found once', async () => {
  const connection = server().connect();
  const table = async () => String(await connection.call('DEBUG', 'HTSTATS', '0'));
  // A scan goes back to the begin of one bucket of the smaller table: it is chance whether a task was told from there before.
  for (let round = 0; round < 5; round++) {
    const ids = await enqueue(4_000);
    const stay = new Set(ids.filter((_, n) => n % 11 === 0));
    const gone = ids.filter((id) => !stay.has(id)).map((id) => backend.keys.task(id));
    const found: string[] = [];
    for await (const step of backend.reader.find({})) {
      if (found.length === 0) {
        await connection.del(...gone);
        await eventually(async () => expect(await table()).toMatch(/rehashing target|table size: 512\b/));
      }
      found.push(...step.ids);
    }
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining([...stay]));
  }
  connection.disconnect();
});

/** Searches, with something that happens after the first step. */
async function findWith(happens: () => Promise<unknown>): Promise<string[]> {
  const found: string[] = [];
  for await (const { ids } of backend.reader.find({})) {
    if (found.length === 0) {
      await happens();
      await eventually(() => backend.reader.counts());
    }
    found.push(...ids);
  }
  return found.sort();
}

test('a connection that was lost and is there again disturbs no search', async () => {
  const ids = await enqueue(5_000);
  const connection = server().connect();
  const found = await findWith(() => connection.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
  connection.disconnect();
  expect(found).toEqual(ids.sort());
});

test('a Redis that was started anew ends it, as where it was means nothing there', async () => {
  await enqueue(5_000);
  const search = findWith(() => server().restart());
  await expect(search).rejects.toThrow(StoreUnavailableError);
  await expect(search).rejects.toThrow(/was started anew, .* begin again/);
});

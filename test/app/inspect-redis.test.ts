import { getEventListeners } from 'node:events';
import { ConfigurationError, createApp, diagnoseRedis, inspectRedis, mendRedis, Task } from 'taskwarden';
import { TaskKeys } from '../../src/task/keys';
import { expectPlacesClean } from '../support/expect-places-clean';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

@Task('brief')
class Brief {
  async start(): Promise<void> {}
}

describe('inspectRedis', () => {
  const server = useServer(() => startRedis());

  test('tells what is in no place, under the names given, and leaves no connection behind', async () => {
    const names = { taskPrefix: 'mine:', taskSet: 'mine:active', newQueue: 'mine:new', endQueue: 'mine:end' };
    const app = await createApp({ redis: server().url, names, logger: false });
    const { id } = await app.client.start('probe', {});
    await app.close();
    expect(await inspectRedis(server().url, { names })).toEqual({ ids: 1, findings: [] });

    const raw = server().connect();
    await raw.del('mine:new');
    const { findings } = await inspectRedis(server().url, { names, settle: 0 });
    expect(findings).toMatchObject([{ id, state: 'WAIT', places: [], problem: 'lost', severity: 'error' }]);
    expect(await raw.client('LIST')).not.toContain('taskwarden:');
    raw.disconnect();
  });

  test('finds nothing wrong with an app at work, nor with what it leaves', async () => {
    const app = await createApp({ redis: server().url, tasks: [Brief], logger: false });
    await app.start();
    const handles = await Promise.all(Array.from({ length: 300 }, () => app.client.start(Brief)));
    expect((await inspectRedis(server().url)).findings).toEqual([]);
    await Promise.all(handles.map((handle) => handle.result()));
    expect((await inspectRedis(server().url)).findings).toEqual([]);
    await app.close();
    await expectPlacesClean(server().url, new TaskKeys());
  });

  test('refuses options it does not know', async () => {
    await expect(inspectRedis(server().url, { setle: 1 } as object)).rejects.toThrow(ConfigurationError);
  });
});

describe.each([
  ['inspectRedis', inspectRedis],
  ['diagnoseRedis', diagnoseRedis],
  ['mendRedis', mendRedis],
])('the signal of %s', (_name, look) => {
  const server = useServer(() => startRedis());

  test('that has aborted is the reason for which nothing is looked at', async () => {
    const reason = new Error('no more time');
    await expect(look('redis://127.0.0.1:1', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('that aborts meanwhile is the reason for which it ends', async () => {
    const raw = server().connect();
    await raw.hset('task-a', { task: 'x' });
    raw.disconnect();
    const leaving = new AbortController();
    const reason = new Error('no more time');
    const looking = look(server().url, { settle: '1h', signal: leaving.signal });
    setTimeout(() => leaving.abort(reason), 100);
    await expect(looking).rejects.toBe(reason);
    expect(getEventListeners(leaving.signal, 'abort')).toEqual([]);
  });

  test('keeps nothing of a look that is over', async () => {
    const { signal } = new AbortController();
    await look(server().url, { settle: 0, signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

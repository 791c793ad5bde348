import { ConfigurationError, createApp, inspectRedis, Task } from 'taskwarden';
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

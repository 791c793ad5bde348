import { setTimeout as pause } from 'node:timers/promises';
import type { App, AppOptions, TaskClient } from '../../src';
import { createApp, RetryError, Task, TaskContext } from '../../src';
import { TaskKeys } from '../../src/task/keys';
import { Random } from '../chaos/random';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { startCluster } from '../support/redis-cluster';
import { startRedis } from '../support/redis-server';

const TASKS = 60;
const CALLS = 1_500;
const SEED = Number(process.env.SEED ?? 7);

/** Fails in one way or the other for some runs, and then succeeds. */
@Task('moody', { timeout: 15, retry: { attempts: 50, delay: 5, maxDelay: 20 } })
class Moody {
  async start(task: TaskContext): Promise<string> {
    const mood = task.attempt % 5;
    if (mood === 1) throw new Error('no');
    if (mood === 2) throw new RetryError('later', { delay: 10 });
    // Until it is aborted, or beyond that: its time is over first.
    if (mood === 3) await pause(60, undefined, { signal: task.signal });
    if (mood === 4) await pause(30);
    return 'done';
  }

  async stop(): Promise<void> {
    await pause(5);
  }
}

const CALLS_OF: readonly ((client: TaskClient, id: string) => Promise<unknown>)[] = [
  (client, id) => client.reschedule(id, { delay: 0 }),
  (client, id) => client.reschedule(id, { delay: 15 }),
  (client, id) => client.stop(id),
  (client, id) => client.restart(id),
  (client, id) => client.restart(id),
  (client, id) => client.reload(id),
  (client, id) => client.remove(id),
  (client, id) => client.start(Moody, {}, { id, delay: 10 }).catch(() => {}),
  (client, id) => client.start(Moody, {}, { id }).catch(() => {}),
];

/** Two workers, and a client that says one thing and then the other; in the end every task must be able to end. */
async function contradict(place: AppOptions): Promise<void> {
  const options: AppOptions = {
    ...place,
    tasks: [Moody],
    logger: false,
    worker: { grace: 0, stopTimeout: 50, concurrency: 20 },
    monitor: { interval: 100 },
    taskTimeout: '2s',
    cleanup: false,
  };
  const apps: App[] = [];
  try {
    for (let n = 0; n < (place.redis ? 2 : 1); n++) apps.push(await createApp(options));
    for (const app of apps) await app.start();
    const { client } = apps[0] as App;
    const ids = Array.from({ length: TASKS }, (_, n) => `t${n}`);
    for (const id of ids) await client.start(Moody, {}, { id, delay: 20 });
    const random = new Random(SEED);
    for (let call = 0; call < CALLS; call++) {
      void random.pick(CALLS_OF)(client, random.pick(ids));
      if (call % 10 === 0) await pause(2);
    }
    // Whatever was said: one that exists, and is not stopped, comes to an end; and a new one of its id runs.
    const settled = () =>
      eventually(async () => {
        for (const id of ids) {
          const record = await client.get(id);
          expect([id, record?.state ?? 'gone']).not.toEqual([id, expect.stringMatching(/WAIT|RUNNING/)]);
        }
      }, 20_000);
    await settled();
    for (const id of ids) {
      await client.remove(id);
      await client.start(Moody, {}, { id });
    }
    await settled();
    for (const id of ids) expect([id, (await client.get(id))?.state]).toEqual([id, 'SUCCESS']);
    expect(await client.counts()).toMatchObject({ waiting: 0, delayed: 0 });
  } finally {
    await Promise.all(apps.map((app) => app.close()));
  }
}

/** No cleanup and no monitor run any more: what is theirs to mend is no finding. */
const MENDED = [10_000, ['recoverable' as const]] as const;

describe('contradictory calls about tasks that fail, time out and wait', () => {
  test('lose none in memory', () => contradict({ store: 'memory' }), 60_000);

  test('lose none on Redis, and leave every place clean', async () => {
    const server = await startRedis();
    try {
      await contradict({ redis: server.url });
      await expectPlacesClean(server.url, new TaskKeys(), ...MENDED);
    } finally {
      await server.stop();
    }
  }, 60_000);

  test('lose none on a cluster', async () => {
    const cluster = await startCluster();
    try {
      const redis = { cluster: cluster.startupNodes };
      await contradict({ redis });
      await expectPlacesClean(redis, new TaskKeys(), ...MENDED);
    } finally {
      await cluster.stop();
    }
  }, 60_000);
});

import { setTimeout as pause } from 'node:timers/promises';
import { type App, createApp, Task } from 'taskwarden';
import { TaskKeys } from '../../src/task/keys';
import { WorkerProcess } from '../../src/testing';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

const RUNS: { inside: number; most: number; ended: number } = { inside: 0, most: 0, ended: 0 };

@Task('alone')
class Alone {
  async start(): Promise<void> {
    RUNS.inside += 1;
    RUNS.most = Math.max(RUNS.most, RUNS.inside);
    await pause(2);
    RUNS.inside -= 1;
    RUNS.ended += 1;
  }
}

describe('processes that start tasks of one key', () => {
  const server = useServer(() => startRedis());
  const starters: WorkerProcess[] = [];
  let app: App | undefined;
  afterEach(async () => {
    await Promise.all(starters.splice(0).map((starter) => starter.crash()));
    await app?.close();
  });

  const starter = async () => {
    const nodeArgs = ['--require', './test/support/register-typescript.cjs'];
    const env = { REDIS_URL: server().url };
    const options = { nodeArgs, env, readyLine: 'ready', readyTimeout: '30s' };
    starters.push(await WorkerProcess.start('test/support/unique-starter.ts', options));
  };
  const idsOf = ({ stdoutLines }: WorkerProcess) =>
    stdoutLines.filter((line) => line.startsWith('started ')).map((line) => line.slice('started '.length));
  const untilMore = (count: number) => {
    const before = RUNS.ended;
    return eventually(() => expect(RUNS.ended - before).toBeGreaterThanOrEqual(count), 20_000);
  };

  test('never have two of them run at a time, though they are paused and killed', async () => {
    app = await createApp({
      tasks: [Alone],
      redis: server().url,
      logger: false,
      worker: { concurrency: 10 },
      monitor: { interval: 100 },
      cleanup: { interval: 20, retention: '1h' },
    });
    await app.start();
    await Promise.all([starter(), starter(), starter(), starter()]);
    await untilMore(20);
    for (let round = 0; round < 10; round++) {
      const paused = starters[round % 3] as WorkerProcess;
      paused.pause();
      await untilMore(5);
      paused.resume();
      await untilMore(5);
    }
    // Killed in the middle of whatever it does: those that are left go on.
    await starters.at(-1)?.crash();
    await untilMore(20);
    await Promise.all(starters.map((one) => one.crash()));
    const started = starters.flatMap(idsOf);
    expect(started.length).toBeGreaterThan(100);
    expect(new Set(started).size).toBe(started.length);
    const { client } = app;
    // What the last of them have left undone is done by whoever comes next.
    await (await client.start(Alone, undefined, { unique: { key: 'one' } })).result();
    for (const id of started) expect((await client.get(id))?.state).toBe('SUCCESS');
    expect(RUNS.most).toBe(1);
    await eventually(async () => expect(await client.counts()).toMatchObject({ waiting: 0, ended: 0 }));
    await expectPlacesClean(server().url, new TaskKeys());
    await app.close();
    const redis = server().connect();
    const left = await redis.keys('*unique:*');
    redis.disconnect();
    // What was staged by one that was killed expires.
    expect(left.filter((key) => !key.includes('staged-unique'))).toEqual([]);
  }, 60_000);
});

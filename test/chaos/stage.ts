import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { App } from '../../src/app/app';
import { createApp } from '../../src/app/create-app';
import { TaskKeys } from '../../src/task/keys';
import { FaultProxy } from '../../src/testing';
import { type RedisServer, startRedis } from '../support/redis-server';
import { EndWatch } from './end-watch';
import { Fleet } from './fleet';
import { POISON_NAMES } from './times';

/** Everything of a run that has to be taken away again. */
export class Stage {
  readonly keys = new TaskKeys();
  readonly poisonKeys = new TaskKeys(POISON_NAMES);

  private constructor(
    readonly folder: string,
    readonly redis: RedisServer,
    readonly fleet: Fleet,
    /** Between the client and Redis. */
    readonly clientProxy: FaultProxy,
    /** Produces only. */
    readonly app: App,
    readonly poisonApp: App,
    /** Straight to Redis: commands fail at once while it is away, and none is sent twice. */
    readonly plain: Redis,
    readonly ends: EndWatch,
  ) {}

  static async open(workers: number): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'taskwarden-chaos-'));
    const opened: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })];
    try {
      const redis = await startRedis({
        appendOnly: true,
        settings: ['appendfsync always', 'auto-aof-rewrite-percentage 0'],
      });
      opened.push(() => redis.stop());
      const clientProxy = await FaultProxy.start(redis);
      opened.push(() => clientProxy.stop());
      const producer = { redis: clientProxy.url, worker: false, logger: false } as const;
      const app = await createApp(producer);
      opened.push(() => app.close());
      const poisonApp = await createApp({ ...producer, names: POISON_NAMES });
      opened.push(() => poisonApp.close());
      const plain = new Redis(redis.url, {
        retryStrategy: () => 100,
        enableOfflineQueue: false,
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: 0,
        disconnectTimeout: 100,
      });
      plain.on('error', () => {});
      opened.push(() => plain.disconnect());
      const fleet = new Fleet(redis, folder);
      opened.push(() => fleet.stop());
      await fleet.start(workers);
      const ends = new EndWatch(redis.url, new TaskKeys());
      return new Stage(folder, redis, fleet, clientProxy, app, poisonApp, plain, ends);
    } catch (error) {
      for (const close of opened.reverse()) await close();
      throw error;
    }
  }

  /** Ends every process, and deletes every file unless they are to be kept. */
  async close(keep: boolean): Promise<void> {
    this.ends.close();
    this.plain.disconnect();
    await this.fleet.stop();
    await Promise.all([this.app.close(), this.poisonApp.close()]);
    await this.clientProxy.stop();
    if (keep) await this.redis.crash();
    else await Promise.all([this.redis.stop(), rm(this.folder, { recursive: true, force: true })]);
  }
}

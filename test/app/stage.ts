import { Redis } from 'ioredis';
import type { App } from '../../src/app/app';
import { createApp } from '../../src/app/create-app';
import type { AppOptions } from '../../src/app/options';
import type { Provider } from '../../src/app/provider';
import { CLOCK } from '../../src/clock';
import { EVENT_BUS } from '../../src/events/event-bus';
import type { LogFields, Logger } from '../../src/logger';
import { TASK_READER } from '../../src/store/task-reader';
import { TASK_STORE } from '../../src/store/task-store';
import type { TaskRecord } from '../../src/task/record';
import type { TaskState } from '../../src/task/state';
import { ManualClock } from '../../src/testing/manual-clock';
import type { ContractBackend } from '../contract/backend';
import { eventually } from '../support/eventually';
import { makeMemoryBackend } from '../support/memory-backend';
import { makeRedisBackend } from '../support/redis-backend';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';

export type Place = 'memory' | 'redis';
/** For `describe.each`. */
export const PLACES: readonly Place[] = ['memory', 'redis'];

interface LogLine {
  readonly level: keyof Logger;
  readonly fields: LogFields;
  readonly message: string;
}

/** One backend, and the apps of a test on it: they see each other's tasks as processes do that share a Redis. */
export class Stage {
  readonly logs: LogLine[] = [];
  private readonly apps: App[] = [];

  private constructor(
    readonly backend: ContractBackend,
    private readonly place: AppOptions,
    readonly clock: ManualClock,
    private readonly isManual: boolean,
    readonly redisUrl?: string,
  ) {}

  /** A fresh stage for every test of the `describe` around. In memory, `manual` makes time stand still. */
  static use(place: Place = 'memory', time: 'real' | 'manual' = 'real'): () => Stage {
    const redis = place === 'redis' ? useServer(() => startRedis()) : undefined;
    let stage: Stage | undefined;
    beforeEach(async () => {
      stage = await Stage.make(redis?.().url, time);
    });
    afterEach(async () => {
      await stage?.close();
      stage = undefined;
    });
    return () => stage as Stage;
  }

  private static async make(redis: string | undefined, time: 'real' | 'manual'): Promise<Stage> {
    const clock = new ManualClock();
    if (redis === undefined) {
      const backend = await makeMemoryBackend(time === 'manual' ? clock : undefined);
      const providers: Provider[] = [
        { provide: TASK_STORE, useValue: backend.store },
        { provide: TASK_READER, useValue: backend.reader },
        { provide: EVENT_BUS, useValue: backend.events },
      ];
      if (time === 'manual') providers.push({ provide: CLOCK, useValue: clock });
      return new Stage(backend, { store: 'memory', providers }, clock, time === 'manual');
    }
    const backend = await makeRedisBackend(redis);
    const { keys } = backend;
    const { taskSet, newQueue, endQueue } = keys;
    const names = { taskPrefix: keys.task(''), taskSet, newQueue, endQueue };
    return new Stage(backend, { redis, names }, clock, false, redis);
  }

  readonly logger: Logger = {
    debug: (fields, message) => this.logs.push({ level: 'debug', fields, message }),
    info: (fields, message) => this.logs.push({ level: 'info', fields, message }),
    warn: (fields, message) => this.logs.push({ level: 'warn', fields, message }),
    error: (fields, message) => this.logs.push({ level: 'error', fields, message }),
  };

  /** An app that has started, without supervision and grace unless the test asks for them. */
  async app(options: AppOptions = {}): Promise<App> {
    const app = await this.make(options);
    await app.start();
    return app;
  }

  /** The same, not started. */
  async make(options: AppOptions = {}): Promise<App> {
    const app = await createApp({
      ...this.place,
      logger: this.logger,
      monitor: false,
      cleanup: false,
      scheduler: false,
      ...options,
      worker: options.worker === false ? false : { grace: 0, stopTimeout: 200, ...options.worker },
      providers: [...(this.place.providers ?? []), ...(options.providers ?? [])],
    });
    this.apps.push(app);
    return app;
  }

  /** Closes an app, letting manual time pass meanwhile. */
  async closeApp(app: App): Promise<void> {
    if (!this.isManual) return app.close();
    let closed = false;
    const closing = app.close().finally(() => {
      closed = true;
    });
    while (!closed) await this.clock.advance(100);
    await closing;
  }

  hash(id: string): Promise<Record<string, string>> {
    return this.backend.raw.hgetall(this.backend.keys.task(id));
  }

  /** Until the key expires; -1: never, -2: there is none. Only on Redis. */
  async ttlMs(key: string): Promise<number> {
    const client = new Redis(this.redisUrl as string);
    try {
      return await client.pttl(key);
    } finally {
      client.disconnect();
    }
  }

  setHash(id: string, fields: Readonly<Record<string, string>>): Promise<void> {
    return this.backend.raw.hset(this.backend.keys.task(id), fields);
  }

  push(...ids: readonly string[]): Promise<void> {
    return this.pushInto(undefined, ...ids);
  }

  /** @param queue Undefined: the default one. */
  pushInto(queue: string | undefined, ...ids: readonly string[]): Promise<void> {
    return this.backend.raw.lpush(this.backend.keys.queue(queue), ...ids);
  }

  /** The new queue, the id to be taken next first. */
  async queue(): Promise<string[]> {
    return (await this.backend.raw.lrange(this.backend.keys.newQueue)).reverse();
  }

  async active(): Promise<string[]> {
    return (await this.backend.raw.smembers(this.backend.keys.taskSet)).sort();
  }

  async endQueue(): Promise<string[]> {
    return (await this.backend.raw.lrange(this.backend.keys.endQueue)).reverse();
  }

  async record(id: string): Promise<TaskRecord | undefined> {
    return (await this.backend.reader.get([id]))[0];
  }

  untilState(id: string, state: TaskState): Promise<TaskRecord> {
    return eventually(async () => {
      const record = await this.record(id);
      expect(record?.state).toBe(state);
      return record as TaskRecord;
    });
  }

  /** Waits until a line was logged whose message holds the text. */
  untilLogged(text: string): Promise<LogLine> {
    return eventually(() => {
      const line = this.logs.find(({ message }) => message.includes(text));
      expect(line).toBeDefined();
      return line as LogLine;
    });
  }

  private async close(): Promise<void> {
    await Promise.all(this.apps.map((app) => this.closeApp(app)));
    await this.backend.close();
  }
}

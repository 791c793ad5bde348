import type { Provider } from '../app/provider';
import { CLOCK, type Clock, SystemClock } from '../clock';
import { EVENT_BUS, type EventBus } from '../events/event-bus';
import { MemoryEventBus } from '../events/memory-event-bus';
import { RedisEventBus } from '../events/redis-event-bus';
import { RandomIds } from '../ids';
import { type Logger, silentLogger } from '../logger';
import { MemoryBroker } from '../store/memory/memory-broker';
import { MemoryTaskReader } from '../store/memory/memory-task-reader';
import { MemoryTaskStore } from '../store/memory/memory-task-store';
import { RedisConnection } from '../store/redis/redis-connection';
import type { RedisSpec } from '../store/redis/redis-spec';
import { RedisTaskReader } from '../store/redis/redis-task-reader';
import { RedisTaskStore } from '../store/redis/redis-task-store';
import { TASK_READER, type TaskReader } from '../store/task-reader';
import { TASK_STORE, type TaskStore } from '../store/task-store';
import { DEFAULT_WIRE_NAMES, TaskKeys, type WireNames } from '../task/keys';

export interface BackendOptions {
  /** As for `createApp`; without it the backend is in memory. */
  readonly redis?: RedisSpec | undefined;
  readonly names?: Partial<WireNames>;
  /** Also that of the apps which get the `providers`; the system's by default. */
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** What an app works on, made outside of it, so that a test can wrap its store. Whoever opens it closes it. */
export interface Backend {
  readonly store: TaskStore;
  readonly reader: TaskReader;
  readonly events: EventBus;
  /** For `createApp({ providers })`. @param store In place of the backend's own: a `faultyStore` around it. */
  providers(store?: TaskStore): Provider[];
  close(): Promise<void>;
}

/**
 * In memory, the apps of a test share one backend. On Redis give each app its own, as each process has connections of its
 * own: what waits on one must not hold up another app.
 */
export function openBackend(options: BackendOptions = {}): Backend {
  const { redis, clock = new SystemClock(), logger = silentLogger } = options;
  const keys = new TaskKeys({ ...DEFAULT_WIRE_NAMES, ...options.names });
  const parts = redis === undefined ? inMemory(clock, keys, logger) : onRedis(redis, clock, keys, logger);
  return {
    ...parts,
    providers: (store = parts.store) => [
      { provide: TASK_STORE, useValue: store },
      { provide: TASK_READER, useValue: parts.reader },
      { provide: EVENT_BUS, useValue: parts.events },
      { provide: CLOCK, useValue: clock },
    ],
  };
}

type Parts = Omit<Backend, 'providers'>;

function inMemory(clock: Clock, keys: TaskKeys, logger: Logger): Parts {
  const broker = new MemoryBroker(clock, keys, logger);
  const events = new MemoryEventBus(broker);
  return {
    store: new MemoryTaskStore(broker),
    reader: new MemoryTaskReader(broker),
    events,
    close: () => events.close(),
  };
}

function onRedis(spec: RedisSpec, clock: Clock, keys: TaskKeys, logger: Logger): Parts {
  const redis = new RedisConnection(spec, clock, logger);
  const events = new RedisEventBus(redis, keys, clock, logger);
  return {
    store: new RedisTaskStore(redis, keys, new RandomIds()),
    reader: new RedisTaskReader(redis, keys),
    events,
    close: async () => {
      await events.close();
      await redis.close();
    },
  };
}

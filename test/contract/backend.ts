import type { EventBus } from '../../src/events/event-bus';
import type { TaskReader } from '../../src/store/task-reader';
import type { TaskStore } from '../../src/store/task-store';
import type { TaskKeys } from '../../src/task/keys';

/**
 * The wire without our store: what a pytask worker, monitor or client does, and how the tests look at what is there.
 * Every method is the Redis command of its name.
 */
export interface RawWire {
  hset(key: string, fields: Readonly<Record<string, string>>): Promise<void>;
  hgetall(key: string): Promise<Record<string, string>>;
  del(key: string): Promise<void>;
  lpush(key: string, ...values: readonly string[]): Promise<void>;
  rpush(key: string, ...values: readonly string[]): Promise<void>;
  /** The whole list, from left to right: workers take from its right end. */
  lrange(key: string): Promise<string[]>;
  sadd(key: string, ...members: readonly string[]): Promise<void>;
  smembers(key: string): Promise<string[]>;
  publish(channel: string, text: string): Promise<void>;
}

/** One backend for one test, empty at its start. */
export interface ContractBackend {
  readonly store: TaskStore;
  readonly reader: TaskReader;
  readonly events: EventBus;
  /** With names of this test's own, where the server is shared. */
  readonly keys: TaskKeys;
  readonly raw: RawWire;
  /** True where a wait for ids cannot be ended early, and runs out by itself: Redis Cluster. */
  readonly waitsRunOut?: boolean;
  close(): Promise<void>;
}

export type MakeBackend = () => Promise<ContractBackend>;

import { randomUUID } from 'node:crypto';
import { SystemClock } from '../../src/clock';
import { RedisEventBus } from '../../src/events/redis-event-bus';
import { RandomIds } from '../../src/ids';
import { silentLogger } from '../../src/logger';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import type { RedisSpec } from '../../src/store/redis/redis-spec';
import { RedisTaskReader } from '../../src/store/redis/redis-task-reader';
import { RedisTaskStore } from '../../src/store/redis/redis-task-store';
import { TaskKeys } from '../../src/task/keys';
import type { ContractBackend, RawWire } from '../contract/backend';

/** A store on a Redis or a cluster that other tests use too: every name is this test's own. */
export async function makeRedisBackend(spec: RedisSpec): Promise<ContractBackend> {
  const prefix = `${randomUUID()}-`;
  const keys = new TaskKeys({
    taskPrefix: `${prefix}task-`,
    taskSet: `${prefix}tasks`,
    newQueue: `${prefix}new-task`,
    endQueue: `${prefix}end-task`,
  });
  const clock = new SystemClock();
  const redis = new RedisConnection(spec, clock, silentLogger);
  const events = new RedisEventBus(redis, keys, clock, silentLogger);
  return {
    store: new RedisTaskStore(redis, keys, new RandomIds()),
    reader: new RedisTaskReader(redis, keys),
    events,
    keys,
    raw: rawWire(redis),
    waitsRunOut: redis.isCluster,
    close: async () => {
      await events.close();
      await redis.close();
    },
  };
}

function rawWire(redis: RedisConnection): RawWire {
  return {
    hset: async (key, fields) => void (await redis.call((client) => client.hset(key, fields))),
    hgetall: (key) => redis.call((client) => client.hgetall(key)),
    del: async (key) => void (await redis.call((client) => client.del(key))),
    lpush: async (key, ...values) => void (await redis.call((client) => client.lpush(key, ...values))),
    rpush: async (key, ...values) => void (await redis.call((client) => client.rpush(key, ...values))),
    lrange: (key) => redis.call((client) => client.lrange(key, 0, -1)),
    sadd: async (key, ...members) => void (await redis.call((client) => client.sadd(key, ...members))),
    smembers: (key) => redis.call((client) => client.smembers(key)),
    publish: async (channel, text) => void (await redis.call((client) => client.publish(channel, text))),
  };
}

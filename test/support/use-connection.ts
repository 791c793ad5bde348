import { SystemClock } from '../../src/clock';
import { silentLogger } from '../../src/logger';
import { RedisConnection } from '../../src/store/redis/redis-connection';

/** A connection for every test of the `describe` around, closed after it. */
export function useConnection(urlOf: () => string): () => RedisConnection {
  let redis: RedisConnection | undefined;
  beforeEach(() => {
    redis = new RedisConnection(urlOf(), new SystemClock(), silentLogger);
  });
  afterEach(() => redis?.close());
  return () => redis as RedisConnection;
}

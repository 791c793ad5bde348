import { SystemClock } from '../clock';
import { silentLogger } from '../logger';
import type { PlacesReport } from '../store/places';
import { checkPlaces } from '../store/redis/check-places';
import { RedisConnection } from '../store/redis/redis-connection';
import type { RedisSpec } from '../store/redis/redis-spec';
import { type Duration, parseDuration } from '../task/duration';
import { TaskKeys, type WireNames } from '../task/keys';
import { checkKeys } from '../task/option-keys';
import { resolveNames } from './options';

const LOOK_AGAIN_MS = 500;

export interface InspectOptions {
  /** The names of the wire, as `createApp` has them. Default: pytask's. */
  readonly names?: Partial<WireNames>;
  /** How long after its time a lapsed lease or a dead worker's inbox may wait for a monitor. Default 1m. */
  readonly overdue?: Duration;
  /**
   * How long to look again for what is merely on its way, as ids of a Redis in use are; 0 looks once.
   * Default 5s; it takes that long only while there are findings.
   */
  readonly settle?: Duration;
}

/**
 * Looks whether every task in a Redis is in the queues and sets that its state allows, and tells what to do where one is
 * not. It reads everything in steps, changes nothing, and may run beside workers.
 * @throws {ConfigurationError} An option is not acceptable.
 * @throws {StoreUnavailableError} Redis did not answer.
 * @throws {StoreRefusedError} A queue or set is of another type, or the user lacks a right.
 */
export async function inspectRedis(redis: RedisSpec, options: InspectOptions = {}): Promise<PlacesReport> {
  checkKeys('inspectRedis', options, ['names', 'overdue', 'settle']);
  const keys = new TaskKeys(resolveNames(options.names ?? {}));
  const overdueMs = parseDuration(options.overdue ?? '1m', 'overdue');
  const longestMs = parseDuration(options.settle ?? '5s', 'settle');
  const clock = new SystemClock();
  const connection = new RedisConnection(redis, clock, silentLogger);
  try {
    const settle = longestMs > 0 ? { settle: { clock, intervalMs: LOOK_AGAIN_MS, longestMs } } : {};
    return await checkPlaces(connection, keys, { overdueMs, ...settle });
  } finally {
    await connection.close();
  }
}

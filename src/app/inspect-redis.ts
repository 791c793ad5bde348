import { type Clock, SystemClock } from '../clock';
import { silentLogger } from '../logger';
import type { PlacesReport } from '../store/places';
import { type CheckPlacesOptions, checkPlaces } from '../store/redis/check-places';
import { RedisConnection } from '../store/redis/redis-connection';
import type { RedisSpec } from '../store/redis/redis-spec';
import { type Duration, parseDuration } from '../task/duration';
import { TaskKeys, type WireNames } from '../task/keys';
import { checkKeys, keysOf } from '../task/option-keys';
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
  /** Aborting it ends the look: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The options, checked, and a connection for as long as the look lasts. */
export interface Inspection {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  readonly keys: TaskKeys;
  readonly overdueMs: number;
  readonly settle: { readonly settle?: NonNullable<CheckPlacesOptions['settle']> };
}

export const INSPECT_KEYS = keysOf<InspectOptions>({ names: true, overdue: true, settle: true, signal: true });

/**
 * Looks whether every task in a Redis is in the queues and sets that its state allows, and tells what to do where one is
 * not. It reads everything in steps, in bounded memory, changes nothing, and may run beside workers.
 * @throws {ConfigurationError} An option is not acceptable.
 * @throws {StoreUnavailableError} Redis did not answer.
 * @throws {StoreRefusedError} A queue or set is of another type, or the user lacks a right.
 * @throws The signal's reason, where it was aborted.
 */
export async function inspectRedis(redis: RedisSpec, options: InspectOptions = {}): Promise<PlacesReport> {
  checkKeys('inspectRedis', options, INSPECT_KEYS);
  return inspecting(redis, options, ({ connection, keys, overdueMs, settle }) =>
    checkPlaces(connection, keys, { overdueMs, ...settle }),
  );
}

/**
 * Has a look on a connection of its own.
 * @param settleDefault Where the options do not say how long to look again.
 * @throws {ConfigurationError} An option is not acceptable.
 * @throws The signal's reason, where it was aborted.
 */
export async function inspecting<T>(
  redis: RedisSpec,
  options: InspectOptions,
  look: (inspection: Inspection) => Promise<T>,
  settleDefault: Duration = '5s',
): Promise<T> {
  const keys = new TaskKeys(resolveNames(options.names ?? {}));
  const overdueMs = parseDuration(options.overdue ?? '1m', 'overdue');
  const longestMs = parseDuration(options.settle ?? settleDefault, 'settle');
  const { signal } = options;
  signal?.throwIfAborted();
  const clock = new SystemClock();
  const settle = longestMs > 0 ? { settle: { clock, intervalMs: LOOK_AGAIN_MS, longestMs } } : {};
  const connection = new RedisConnection(redis, clock, silentLogger);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= connection.close();
    return closed;
  };
  // Whoever looks is at a command then, or waits to look again: either ends with the connection.
  signal?.addEventListener('abort', close);
  try {
    return await look({ connection, clock, keys, overdueMs, settle });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', close);
    await close();
  }
}

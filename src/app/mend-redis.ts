import { RandomIds } from '../ids';
import type { Mending } from '../store/mending';
import type { PlacesReport } from '../store/places';
import { checkPlaces } from '../store/redis/check-places';
import { mendPlaces } from '../store/redis/mend-places';
import type { RedisSpec } from '../store/redis/redis-spec';
import type { Duration } from '../task/duration';
import { checkKeys, keysOf } from '../task/option-keys';
import { type Inspection, type InspectOptions, inspecting } from './inspect-redis';
import { positive } from './option-numbers';

/** So many findings are mended in one go. */
const MOST_MENDED = 20_000;

export interface MendRedisOptions extends InspectOptions {
  /**
   * How long to look again for what is merely on its way. Default 10s: longer than any call of a producer may be under way, which else
   * might push a second time what is put back.
   */
  readonly settle?: Duration;
  /** That of the workers, where it is not the default: a run without a sign of life for so long is taken over. Default 1m. */
  readonly taskTimeout?: Duration;
  /** True tells what would be done, and does nothing. */
  readonly dryRun?: boolean;
  /** Is told each mending before and, where it is done, after. */
  readonly onMending?: (mending: Mending) => void;
}

export interface MendReport {
  readonly mendings: readonly Mending[];
  /** Findings beyond the 20,000 of one go. */
  readonly untold?: PlacesReport['untold'];
}

/**
 * Mends what `inspectRedis` finds, as far as it is safe beside workers: lost tasks come back, what dead workers have left is mended as a
 * monitor does where none is at work, remainders go. The rest is told, and left to a hand.
 * @throws {ConfigurationError} An option is not acceptable.
 * @throws {StoreUnavailableError} Redis did not answer: some may be mended; it can be done again.
 * @throws {StoreRefusedError} The user lacks a right.
 * @throws The signal's reason, where it was aborted: some may be mended.
 */
export async function mendRedis(redis: RedisSpec, options: MendRedisOptions = {}): Promise<MendReport> {
  checkKeys('mendRedis', options, MEND_KEYS);
  const leaseMs = positive(options.taskTimeout ?? '1m', 'taskTimeout');
  const mend = async ({ connection, keys, overdueMs, settle }: Inspection): Promise<MendReport> => {
    const limit = MOST_MENDED;
    const { findings, untold } = await checkPlaces(connection, keys, { overdueMs, ...settle, limit });
    const mendings = await mendPlaces(connection, keys, findings, {
      leaseMs,
      overdueMs,
      dryRun: options.dryRun ?? false,
      name: new RandomIds().next(),
      onMending: options.onMending ?? (() => {}),
    });
    return { mendings, ...(untold && { untold }) };
  };
  return inspecting(redis, options, mend, '10s');
}

const MEND_KEYS = keysOf<MendRedisOptions>({
  names: true,
  overdue: true,
  settle: true,
  signal: true,
  taskTimeout: true,
  dryRun: true,
  onMending: true,
});

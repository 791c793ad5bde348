import type { Check } from '../store/diagnosis';
import type { PlacesReport } from '../store/places';
import { checkPlaces } from '../store/redis/check-places';
import { runChecks } from '../store/redis/diagnosis/run-checks';
import type { RedisSpec } from '../store/redis/redis-spec';
import { checkKeys } from '../task/option-keys';
import { INSPECT_KEYS, type InspectOptions, openInspection } from './inspect-redis';

/** How a Redis is, and the work on it. */
export interface Diagnosis {
  readonly checks: readonly Check[];
  /** As `inspectRedis` tells it. */
  readonly places: PlacesReport;
}

/**
 * Looks at a Redis as taskwarden needs it (version, memory policy, persistence, rights and the like), at the work on it (what waits for
 * how long, and who does it), and at the places of all tasks. It changes nothing, and may run beside workers.
 * @throws {ConfigurationError} An option is not acceptable.
 * @throws {StoreUnavailableError} Redis did not answer.
 * @throws {StoreRefusedError} A queue or set is of another type, or the user may not even read.
 */
export async function diagnose(redis: RedisSpec, options: InspectOptions = {}): Promise<Diagnosis> {
  checkKeys('diagnose', options, INSPECT_KEYS);
  const { connection, clock, keys, overdueMs, settle } = openInspection(redis, options);
  try {
    const checks = await runChecks(connection, keys, { clock, overdueMs });
    return { checks, places: await checkPlaces(connection, keys, { overdueMs, ...settle }) };
  } finally {
    await connection.close();
  }
}

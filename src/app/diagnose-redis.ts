import { StoreRefusedError } from '../errors';
import { type Check, checksOf } from '../store/diagnosis';
import type { PlacesReport } from '../store/places';
import { checkPlaces } from '../store/redis/check-places';
import { runChecks } from '../store/redis/diagnosis/run-checks';
import type { RedisSpec } from '../store/redis/redis-spec';
import { checkKeys } from '../task/option-keys';
import { INSPECT_KEYS, type InspectOptions, openInspection } from './inspect-redis';

const { error } = checksOf('places');

/** How a Redis is, and the work on it. */
export interface Diagnosis {
  readonly checks: readonly Check[];
  /** As `inspectRedis` tells it; absent where Redis has refused to tell it: the check `places` says why. */
  readonly places?: PlacesReport;
}

/**
 * Looks at a Redis as taskwarden needs it (version, memory policy, persistence, rights and the like), at the work on it (what waits for
 * how long, and who does it), and at the places of all tasks. It changes nothing, and may run beside workers.
 * @throws {ConfigurationError} An option is not acceptable.
 * @throws {StoreUnavailableError} Redis did not answer.
 * @throws {StoreRefusedError} The user may not even ask for `INFO`.
 * @throws {AppClosedError} The signal has aborted.
 */
export async function diagnoseRedis(redis: RedisSpec, options: InspectOptions = {}): Promise<Diagnosis> {
  checkKeys('diagnoseRedis', options, INSPECT_KEYS);
  const { connection, clock, keys, overdueMs, settle } = openInspection(redis, options);
  try {
    const checks = await runChecks(connection, keys, { clock, overdueMs });
    try {
      return { checks, places: await checkPlaces(connection, keys, { overdueMs, ...settle }) };
    } catch (reason) {
      if (!(reason instanceof StoreRefusedError)) throw reason;
      const remedy = `Is one of these keys another program's, and of another type: ${keys.newQueue}, ${keys.endQueue}, ${keys.taskSet}? Or is a right missing?`;
      return { checks: [...checks, error(`the places of the tasks cannot be read: ${reason.message}`, remedy)] };
    }
  } finally {
    await connection.close();
  }
}

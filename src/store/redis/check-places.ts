import { type Clock, sleep } from '../../clock';
import type { TaskKeys } from '../../task/keys';
import type { Finding, KeyFacts, Place, PlacesReport, PlacesView } from '../places';
import { problemsOf } from '../problems-of';
import { chunks } from './chunks';
import { readPlaces } from './read-places';
import { readTaskKey, readTaskKeys } from './read-task-keys';
import type { RedisConnection } from './redis-connection';
import { redisNowMs } from './redis-now-ms';

const OVERDUE_MS = 60_000;
const IDS_A_STEP = 500;

export interface CheckPlacesOptions {
  /** How long after its time a lapsed lease or a dead worker's inbox may wait for the monitor. Default a minute. */
  readonly overdueMs?: number;
  /**
   * For a Redis that is in use: what is on the way while it is looked at counts for nothing. Looks again every
   * `intervalMs`, for `longestMs` at most, and reports what every look found; ends as soon as nothing is left.
   */
  readonly settle?: { readonly clock: Clock; readonly intervalMs: number; readonly longestMs: number };
}

/**
 * Looks whether every id is in exactly the places its state allows. Reads everything and changes nothing; never blocks
 * Redis for long.
 * @throws {StoreUnavailableError} Redis did not answer.
 * @throws {StoreRefusedError} A queue or set has another type, or a right is missing.
 */
export async function checkPlaces(
  redis: RedisConnection,
  keys: TaskKeys,
  { overdueMs = OVERDUE_MS, settle }: CheckPlacesOptions = {},
): Promise<PlacesReport> {
  let report = await look(redis, keys, overdueMs);
  if (!settle) return report;
  const { clock, intervalMs, longestMs } = settle;
  const endsMs = clock.monotonicMs() + longestMs;
  let looks = 1;
  while (report.findings.length > 0 && (looks < 2 || clock.monotonicMs() < endsMs)) {
    await sleep(clock, intervalMs);
    const before = new Set(report.findings.map(nameOf));
    const { ids, findings } = await look(redis, keys, overdueMs);
    report = { ids, findings: findings.filter((finding) => before.has(nameOf(finding))) };
    looks += 1;
  }
  return report;
}

function nameOf({ id, problem }: Finding): string {
  return `${problem} ${id}`;
}

async function look(redis: RedisConnection, keys: TaskKeys, overdueMs: number): Promise<PlacesReport> {
  const { placesById, leaseEndsMs, inboxEndsMs } = await readPlaces(redis, keys);
  const view: PlacesView = { keys, nowMs: await redisNowMs(redis), overdueMs, leaseEndsMs, inboxEndsMs };
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const judge = (id: string, key: KeyFacts | undefined, places: readonly Place[]) => {
    if (seen.has(id)) return;
    seen.add(id);
    const state = key?.kind === 'task' ? key.state : undefined;
    for (const problem of problemsOf({ id, key, places }, view)) findings.push({ id, state, places, ...problem });
  };
  for await (const step of readTaskKeys(redis, keys)) {
    for (const [id, key] of step) judge(id, key, placesById.get(id) ?? []);
  }
  // A hash that was made during the scan may not have been met.
  const unmet = [...placesById].filter(([id]) => !seen.has(id));
  for (const step of chunks(unmet, IDS_A_STEP)) {
    const facts = await Promise.all(step.map(([id]) => readTaskKey(redis, keys, id)));
    for (const [position, [id, places]] of step.entries()) judge(id, facts[position], places);
  }
  return { ids: seen.size, findings };
}

import { StoreRefusedError } from '../errors';
import { type Check, type CheckMark, checksOf } from '../store/diagnosis';
import type { Finding, PlaceProblem, PlacesReport } from '../store/places';
import { checkPlaces } from '../store/redis/check-places';
import { runChecks } from '../store/redis/diagnosis/run-checks';
import type { RedisSpec } from '../store/redis/redis-spec';
import { checkKeys } from '../task/option-keys';
import { INSPECT_KEYS, type InspectOptions, inspecting } from './inspect-redis';

const { error } = checksOf('places');

/** A finding, and what it means for whoever looks after the Redis. */
export interface DiagnosedFinding extends Finding {
  readonly mark: CheckMark;
}

/** The places of the tasks, each finding with its mark. */
export interface DiagnosedPlaces extends PlacesReport {
  readonly findings: readonly DiagnosedFinding[];
}

/** How a Redis is, and the work on it. */
export interface Diagnosis {
  readonly checks: readonly Check[];
  /** As `inspectRedis` tells it; absent where Redis has refused to tell it: the check `places` says why. */
  readonly places?: DiagnosedPlaces;
  /** Whether anything is a warning or an error. */
  readonly needsHand: boolean;
}

/**
 * Looks at a Redis as taskwarden needs it (version, memory policy, persistence, rights and the like), at the work on it (what waits for
 * how long, and who does it), and at the places of all tasks. It changes nothing, and may run beside workers.
 * @throws {ConfigurationError} An option is not acceptable.
 * @throws {StoreUnavailableError} Redis did not answer.
 * @throws {StoreRefusedError} The user may not even ask for `INFO`.
 * @throws The signal's reason, where it was aborted.
 */
export async function diagnoseRedis(redis: RedisSpec, options: InspectOptions = {}): Promise<Diagnosis> {
  checkKeys('diagnoseRedis', options, INSPECT_KEYS);
  return inspecting(redis, options, async ({ connection, clock, keys, overdueMs, settle }) => {
    const checks = await runChecks(connection, keys, { clock, overdueMs });
    try {
      return judge(checks, await checkPlaces(connection, keys, { overdueMs, ...settle }));
    } catch (reason) {
      if (!(reason instanceof StoreRefusedError)) throw reason;
      const remedy = `Is one of these keys another program's, and of another type: ${keys.newQueue}, ${keys.endQueue}, ${keys.taskSet}? Or is a right missing?`;
      return judge([...checks, error(`the places of the tasks cannot be read: ${reason.message}`, remedy)]);
    }
  });
}

function judge(checks: readonly Check[], report?: PlacesReport): Diagnosis {
  if (!report) return { checks, needsHand: needHand(checks) };
  const isWatched = checks.some(({ name, mark }) => name === 'monitor' && mark === 'ok');
  const findings = report.findings.map((finding) => ({ ...finding, mark: markOf(finding, isWatched) }));
  const isUntold = Object.keys(report.untold ?? {}).some((problem) => !HARMLESS.includes(problem));
  const needsHand = needHand(checks) || needHand(findings) || isUntold;
  return { checks, places: { ...report, findings }, needsHand };
}

function needHand(marked: readonly { readonly mark: CheckMark }[]): boolean {
  return marked.some(({ mark }) => mark === 'warning' || mark === 'error');
}

/** What a monitor has not mended in time though it should have. */
const LATE: readonly PlaceProblem[] = ['overdue', 'inbox-overdue'];

/** What is mended in passing is worth a note only, as long as somebody passes. */
function markOf({ severity, problem }: Finding, isWatched: boolean): CheckMark {
  if (severity === 'error') return 'error';
  if (severity === 'harmless') return 'note';
  return isWatched && !LATE.includes(problem) ? 'note' : 'warning';
}

/** Problems that are harmless whatever else is so, of which nothing but their number is told. */
const HARMLESS: readonly string[] = ['update-remainder', 'other-type'] satisfies PlaceProblem[];

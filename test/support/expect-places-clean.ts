import { SystemClock } from '../../src/clock';
import { silentLogger } from '../../src/logger';
import type { PlaceProblem, PlaceSeverity, PlacesReport } from '../../src/store/places';
import { checkPlaces } from '../../src/store/redis/check-places';
import { RedisConnection } from '../../src/store/redis/redis-connection';
import type { RedisSpec } from '../../src/store/redis/redis-spec';
import type { TaskKeys } from '../../src/task/keys';
import { eventually } from './eventually';

/**
 * Ends a test of faults: waits until one look at Redis finds every id in the places its state allows.
 * @param accept Problems, and severities, that do not count.
 * @throws The findings, one a line, when something is left after `deadlineMs`.
 */
export async function expectPlacesClean(
  redis: RedisSpec,
  keys: TaskKeys,
  deadlineMs = 10_000,
  accept: readonly (PlaceProblem | PlaceSeverity)[] = [],
): Promise<PlacesReport> {
  const connection = new RedisConnection(redis, new SystemClock(), silentLogger);
  try {
    return await eventually(
      async () => {
        const report = await checkPlaces(connection, keys);
        const left = report.findings.filter(
          ({ problem, severity }) => !accept.includes(problem) && !accept.includes(severity),
        );
        if (left.length > 0) throw new Error(tell({ ...report, findings: left }));
        return report;
      },
      deadlineMs,
      POLL_MS,
    );
  } finally {
    await connection.close();
  }
}

const MOST_SHOWN = 50;
/** A look reads all of Redis: again and again at once it would keep others from what it waits for. */
const POLL_MS = 20;

/** The findings, one a line. */
export function tell({ ids, findings }: PlacesReport): string {
  const shown = findings.slice(0, MOST_SHOWN).map(({ severity, problem, id, state, places, message }) => {
    return `  ${severity} ${problem}: ${message}\n    (${id}: ${state ?? 'no task'}, in ${places.join(', ') || 'no place'})`;
  });
  const more = findings.length > MOST_SHOWN ? [`  and ${findings.length - MOST_SHOWN} more`] : [];
  return [`${findings.length} findings among ${ids} ids:`, ...shown, ...more].join('\n');
}

import { nextAfter, timesUntil } from './rhythm';
import type { ScheduleSettings } from './schedule';

/** Up to here a firing is late, beyond it was missed: a change of schedulers takes seconds. */
export const LATE_MS = 60_000;
/** So many missed firings are caught up with at most: after a long outage no more would be of use. */
export const MOST_CAUGHT_UP = 100;
/** Of a schedule that fires each second, all that are late and all that are caught up with. */
const MOST_TIMES = LATE_MS / 1_000 + 1 + MOST_CAUGHT_UP;

/** What is to be done about a schedule that is due. */
export interface Plan {
  /** When a task is to be started for, the earliest first. */
  readonly fireMs: readonly number[];
  /** The latest that is skipped as another task goes on. */
  readonly skippedMs: number | undefined;
  /** undefined where no time is left. */
  readonly nextMs: number | undefined;
}

/**
 * Decides about all times of a schedule until now.
 * @param dueMs The earliest of them.
 * @param formerGoesOn The task of the former firing waits or runs.
 */
export function planFirings(schedule: ScheduleSettings, dueMs: number, nowMs: number, formerGoesOn: boolean): Plan {
  const times = timesUntil(schedule, dueMs, nowMs, MOST_TIMES);
  const late = times.filter((timeMs) => nowMs - timeMs <= LATE_MS);
  const missed = times.filter((timeMs) => nowMs - timeMs > LATE_MS);
  const wanted = [...caughtUp(schedule, missed, late), ...late];
  const nextMs = nextAfter(schedule, dueMs, nowMs);
  if (schedule.overlap === 'queue') return { fireMs: wanted, skippedMs: undefined, nextMs };
  if (formerGoesOn) return { fireMs: [], skippedMs: wanted.at(-1), nextMs };
  return { fireMs: wanted.slice(-1), skippedMs: wanted.at(-2), nextMs };
}

function caughtUp(
  { catchUp }: ScheduleSettings,
  missed: readonly number[],
  late: readonly number[],
): readonly number[] {
  if (catchUp === 'all') return missed.slice(-MOST_CAUGHT_UP);
  // One that is made late stands for those before it.
  return catchUp === 'last' && late.length === 0 ? missed.slice(-1) : [];
}

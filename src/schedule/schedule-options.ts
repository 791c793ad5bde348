import { type Duration, readDuration } from '../task/duration';
import { suggestName } from '../task/nearest-name';
import { shown } from '../task/shown';
import { cronMistake, zoneMistake } from './rhythm';
import type { CatchUp, Overlap, ScheduleSettings } from './schedule';

/** A cron expression or a period, one of the two. */
export type RhythmOptions =
  | {
      /** Five fields, or six with seconds first. */
      readonly cron: string;
      readonly every?: never;
    }
  | {
      readonly cron?: never;
      /** The time between two firings, 1s or more; the first comes after one such time. */
      readonly every: Duration;
    };

export interface FiringOptions {
  /** The time zone of the cron expression. Default UTC: the same on every machine, and without clock changes. */
  readonly tz?: string;
  /** What becomes of a firing while the task of the former one waits or runs: none, or a task all the same. Default `skip`. */
  readonly overlap?: Overlap;
  /**
   * What becomes of firings that nobody was there to make, more than a minute late: `false` none, `last` one for the latest, `all`
   * each, the latest 100. Default `last`: what was due is done, and once.
   */
  readonly catchUp?: CatchUp;
}

/** Too often for a look a second; a task that is to do something more often does so in a loop. */
const SHORTEST_EVERY_MS = 1_000;
const OVERLAPS: readonly unknown[] = ['skip', 'queue'];
const CATCH_UPS: readonly unknown[] = [false, 'last', 'all'];
const KNOWN = ['cron', 'every', 'tz', 'overlap', 'catchUp', 'input'];

/**
 * What is wrong with the options, completing a sentence that begins with where they stand; or the settings, defaults in place.
 * @param more Options that are read elsewhere.
 */
export function readSchedule(options: unknown, more: readonly string[] = []): ScheduleSettings | string {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return "the options must be an object, such as { cron: '0 9 * * *' }";
  const known = [...KNOWN, ...more];
  const stray = Object.keys(options).find((key) => !known.includes(key));
  if (stray !== undefined) return `unknown option "${stray}", ${suggestName(stray, known)}`;
  const { cron, every, tz = 'UTC', overlap = 'skip', catchUp = 'last' } = options as Readonly<Record<string, unknown>>;
  if ((cron === undefined) === (every === undefined))
    return "give either cron, such as '0 9 * * *', or every, such as '30s'";
  const mistake = rhythmMistake(cron, every, (options as { tz?: unknown }).tz);
  if (mistake !== undefined) return mistake;
  if (!OVERLAPS.includes(overlap)) return `overlap is ${shown(overlap)}; it must be 'skip' or 'queue'`;
  if (!CATCH_UPS.includes(catchUp)) return `catchUp is ${shown(catchUp)}; it must be false, 'last' or 'all'`;
  if (catchUp === 'all' && overlap === 'skip')
    return "catchUp is 'all' and overlap 'skip', which would skip all but one of them: give overlap 'queue', or catchUp 'last'";
  const everyMs = every === undefined ? undefined : Math.round(readDuration(every) as number);
  return {
    cron: cron as string | undefined,
    everyMs,
    tz: tz as string,
    overlap: overlap as Overlap,
    catchUp: catchUp as CatchUp,
  };
}

function rhythmMistake(cron: unknown, every: unknown, tz: unknown): string | undefined {
  if (cron !== undefined) {
    const mistake = cronMistake(cron);
    if (mistake !== undefined) return `cron${mistake}`;
    const wrongZone = tz === undefined ? undefined : zoneMistake(tz);
    return wrongZone === undefined ? undefined : `tz${wrongZone}`;
  }
  if (tz !== undefined) return `tz is ${shown(tz)}, but a period has no time zone: leave it out, or give cron`;
  const everyMs = readDuration(every);
  if (everyMs !== undefined && everyMs >= SHORTEST_EVERY_MS) return undefined;
  return `every is ${shown(every)}; it must be 1000 milliseconds or more, or a text such as '30s'`;
}

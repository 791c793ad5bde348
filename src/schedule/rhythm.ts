import { Cron } from 'croner';
import { shown } from '../task/shown';

/** When a schedule fires: by a cron expression in a time zone, or each so many milliseconds. */
export interface Rhythm {
  readonly cron: string | undefined;
  readonly everyMs: number | undefined;
  readonly tz: string;
}

/** So far back a time is looked for that belongs to this second still. */
const SECOND_MS = 1_000;

/** The first time after now of a rhythm that begins now; undefined where none is left. */
export function firstAfter({ cron, everyMs, tz }: Rhythm, nowMs: number): number | undefined {
  return cron === undefined ? nowMs + (everyMs as number) : cronAfter(cronOf(cron, tz), nowMs);
}

/**
 * The first time after `afterMs`.
 * @param fromMs One of the rhythm's times.
 */
export function nextAfter(rhythm: Rhythm, fromMs: number, afterMs: number): number | undefined {
  const { cron, everyMs, tz } = rhythm;
  if (cron !== undefined) return cronAfter(cronOf(cron, tz), Math.max(fromMs, afterMs));
  const every = everyMs as number;
  return fromMs + every * Math.max(1, Math.floor((afterMs - fromMs) / every) + 1);
}

/**
 * The times from one of them until now, both included; where they are more than `most`, the latest.
 * @returns At least `fromMs`.
 */
export function timesUntil(rhythm: Rhythm, fromMs: number, nowMs: number, most: number): number[] {
  const next = nextAfter(rhythm, fromMs, fromMs);
  // However long nobody looked: mostly it is the one time.
  if (next === undefined || next > nowMs) return [fromMs];
  const { cron, everyMs, tz } = rhythm;
  if (cron === undefined) {
    const every = everyMs as number;
    const count = Math.floor((nowMs - fromMs) / every) + 1;
    const first = fromMs + every * Math.max(0, count - most);
    return Array.from({ length: Math.min(count, most) }, (_, place) => first + place * every);
  }
  // Backwards: those since a long outage may be too many to be gone through.
  const times: number[] = [];
  const parsed = cronOf(cron, tz);
  let timeMs = cronBefore(parsed, nowMs + SECOND_MS);
  while (timeMs > fromMs && times.length < most) {
    if (timeMs <= nowMs) times.push(timeMs);
    timeMs = cronBefore(parsed, timeMs);
  }
  return [fromMs, ...times.reverse()].slice(-most);
}

/** One of the rhythm's times and those that follow it, `count` in all, or as many as there are. */
export function timesFrom(rhythm: Rhythm, fromMs: number, count: number): number[] {
  const times: number[] = [];
  let timeMs: number | undefined = fromMs;
  while (timeMs !== undefined && times.length < count) {
    times.push(timeMs);
    timeMs = nextAfter(rhythm, timeMs, timeMs);
  }
  return times;
}

/** What is wrong with a cron expression, to go on after it; undefined for a usable one. */
export function cronMistake(cron: unknown): string | undefined {
  const given = shown(cron, 80);
  const remedy = "give five fields, or six with seconds first, such as '0 9 * * 1-5'";
  if (typeof cron !== 'string' || cron.trim().startsWith('@') || !cron.includes(' ')) return ` is ${given}: ${remedy}`;
  try {
    // From a fixed day on, as it has to have a time at all: each kind of year is within eight years.
    if (cronAfter(cronOf(cron, 'UTC'), 0) !== undefined) return undefined;
    return ` is ${given}, a day that no year has: ${remedy}`;
  } catch (error) {
    return ` is ${given}: ${remedy} (${(error as Error).message})`;
  }
}

/** What is wrong with a time zone, to go on after it; undefined for a usable one. */
export function zoneMistake(tz: unknown): string | undefined {
  try {
    if (typeof tz === 'string' && tz !== '') {
      new Intl.DateTimeFormat('en', { timeZone: tz });
      return undefined;
    }
  } catch {
    // Not known to this machine.
  }
  return ` is ${shown(tz, 80)}; it must be an IANA time zone, such as 'Europe/Vienna', or 'UTC'`;
}

function cronOf(cron: string, tz: string): Cron {
  // Lists and ranges of hours are fixed times too: one that exists twice, or not at all, fires once.
  return new Cron(cron, { timezone: tz, mode: '5-or-6-parts', fixedTimeRule: 'no-wildcard' });
}

function cronAfter(cron: Cron, afterMs: number): number | undefined {
  return cron.nextRun(new Date(afterMs))?.getTime();
}

function cronBefore(cron: Cron, beforeMs: number): number {
  return cron.previousRuns(1, new Date(beforeMs))[0]?.getTime() ?? Number.NEGATIVE_INFINITY;
}

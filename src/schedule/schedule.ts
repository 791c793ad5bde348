import { shown } from '../task/shown';
import type { Rhythm } from './rhythm';

/** What becomes of a firing while the task of the former one waits or runs. */
export type Overlap = 'skip' | 'queue';

/** What becomes of firings that nobody was there to make: none, one for the latest of them, or each. */
export type CatchUp = false | 'last' | 'all';

/** When and how a schedule fires. */
export interface ScheduleSettings extends Rhythm {
  readonly overlap: Overlap;
  readonly catchUp: CatchUp;
}

/** A task that recurs, as it is stored. */
export interface Schedule extends ScheduleSettings {
  readonly name: string;
  /** The name of the task that is started. */
  readonly task: string;
  /** Its input as JSON text. */
  readonly data: string;
  /** That of its task; absent: the default one. */
  readonly queue?: string;
  /** From 0, taken first, to 9; absent: that of all others. */
  readonly priority?: number;
  /** How long the task may take in all, from the firing, in milliseconds; absent: as long as it wants. */
  readonly deadlineMs?: number;
  /** A class declares it: an app that knows the class removes it once the class does so no more. */
  readonly declared: boolean;
}

/** A schedule, and how far it has come; times in epoch milliseconds of the store. */
export interface ScheduleRecord extends Schedule {
  /** As it is stored: another text where anything of the schedule has changed. */
  readonly version: string;
  readonly paused: boolean;
  /** undefined while it is paused, and where no time is left. */
  readonly nextMs: number | undefined;
  /** The time of the last firing: when it was due, which may be earlier than when it was made. */
  readonly lastMs: number | undefined;
  /** The id of the task that it started. */
  readonly lastId: string | undefined;
  /** The time of the last firing that was skipped, as the task of the former one went on. */
  readonly lastSkippedMs: number | undefined;
}

/** Beside it an id holds a prefix and a time, and a key of 512 bytes has room for more. */
const MOST_NAME_BYTES = 400;

/** What is wrong with the name of a schedule, to go on after it; undefined for a usable one. */
export function scheduleNameMistake(name: unknown): string | undefined {
  const usable = typeof name === 'string' && name !== '' && !/[{}]/.test(name);
  if (usable && Buffer.byteLength(name) <= MOST_NAME_BYTES) return undefined;
  return ` is ${shown(name, 80)}; it must be a text of 1 to ${MOST_NAME_BYTES} bytes without braces, such as 'nightly'`;
}

/** The id of the task that is started for one time: the same whoever starts it. */
export function firingId(name: string, atMs: number): string {
  return `schedule:${name}:${atMs}`;
}

/** The name of the schedule that has started the task of this id; undefined where none has. */
export function scheduleOfFiring(id: string): string | undefined {
  return /^schedule:(.+):\d+$/s.exec(id)?.[1];
}

/** The text that is stored: the same for the same schedule, so that texts can be compared. */
export function encodeSchedule({ name: _, ...schedule }: Schedule): string {
  const { task, data, cron, tz, everyMs, overlap, catchUp, declared, ...place } = schedule;
  return JSON.stringify({ task, data, cron, tz, everyMs, overlap, catchUp, declared, ...place });
}

/** @returns undefined where the text is no schedule that this version can read. */
export function parseSchedule(name: string, text: string): Schedule | undefined {
  let read: Partial<Schedule> | null;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { task, data, cron, everyMs, tz = 'UTC', overlap = 'skip', catchUp = 'last', declared = false } = read ?? {};
  const hasRhythm = typeof cron === 'string' || (typeof everyMs === 'number' && everyMs > 0);
  if (typeof task !== 'string' || typeof data !== 'string' || !hasRhythm) return undefined;
  const { queue, priority, deadlineMs } = read ?? {};
  const place = {
    ...(queue && { queue }),
    ...(priority !== undefined && { priority }),
    ...(deadlineMs && { deadlineMs }),
  };
  return { name, task, data, cron, tz, everyMs, overlap, catchUp, declared, ...place };
}

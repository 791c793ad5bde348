import type { Schedule, ScheduleRecord } from '../schedule/schedule';
import type { NewTask } from './producer-store';

/** A schedule whose time has come. */
export interface DueSchedule {
  readonly schedule: Schedule;
  /** As it is stored. */
  readonly version: string;
  /** When it was due, in epoch milliseconds of the store. */
  readonly dueMs: number;
  /** The id of the task that it started last. */
  readonly lastId: string | undefined;
  /** That task is still to be written. */
  readonly lastIsOwed: boolean;
}

/** Firings that are decided, and are this caller's to make for a while. */
export interface ClaimedFirings {
  readonly tasks: readonly NewTask[];
  /** Until when they may be written, in epoch milliseconds of the store: some time before others get them. */
  readonly untilMs: number;
  /** Somebody had claimed them before, and may have made them in part. */
  readonly repeated: boolean;
}

export interface ScheduleLook {
  readonly nowMs: number;
  /** The earliest first, at most 100. */
  readonly due: readonly DueSchedule[];
  /** Names of due schedules that this version cannot read. */
  readonly unreadable: readonly string[];
  /** What others have decided and did not make. */
  readonly owed: ClaimedFirings;
  /** How long until a next one is due, or a claim ends; Infinity: there is none. */
  readonly nextInMs: number;
}

/** How a schedule goes on from a time that has come. */
export interface Advance {
  readonly due: DueSchedule;
  /** undefined: no time is left. */
  readonly nextMs: number | undefined;
  /** The tasks to be started, and the times that they are for, the earliest first. */
  readonly firings: readonly { readonly atMs: number; readonly task: NewTask }[];
  readonly skippedMs: number | undefined;
}

/**
 * What schedules ask of a store. All may be called by any number of processes at once, and again after a failure: of those who
 * advance a schedule from one time one wins, and what it has decided is made once, whoever makes it.
 */
export interface ScheduleStore {
  /** Epoch milliseconds by the clock that schedules go by. */
  scheduleClockMs(): Promise<number>;

  /**
   * Writes a schedule; one that is there as it is keeps its next time, and a paused one stays paused.
   * @param nextMs The time that it fires next, if it is new or changed; undefined: none is left.
   */
  putSchedule(schedule: Schedule, nextMs: number | undefined): Promise<'created' | 'changed' | 'unchanged'>;

  /**
   * @param version Removes it only where it is still this one.
   * @returns False where there is none.
   */
  removeSchedule(name: string, version?: string): Promise<boolean>;

  /** @returns False where there is none of this name. */
  pauseSchedule(name: string): Promise<boolean>;

  /**
   * Lets a paused schedule go on; one that is not paused keeps its time.
   * @param nextMs The time that it fires next; undefined: none is left.
   * @returns False where it is gone, or another by now.
   */
  resumeSchedule(name: string, version: string, nextMs: number | undefined): Promise<boolean>;

  /** All of them, by name; such as this version cannot read are left out. */
  schedules(): Promise<ScheduleRecord[]>;

  /**
   * What is to be done now. Claims the firings that are owed.
   * @param claimMs For how long nobody else makes them.
   */
  dueSchedules(claimMs: number): Promise<ScheduleLook>;

  /**
   * Moves a schedule on, and notes the firings as owed and claimed, in one step.
   * @returns undefined where the schedule has changed or was moved on by somebody else: nothing happened.
   */
  advanceSchedule(advance: Advance, claimMs: number): Promise<ClaimedFirings | undefined>;

  /**
   * Starts the task of each firing: writes it, puts it into the queue, and takes back the note. What the claim has become too
   * old for is left to the next claim.
   */
  makeFirings(firings: ClaimedFirings): Promise<void>;
}

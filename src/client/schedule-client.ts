import { ConfigurationError } from '../errors';
import { declaredFields } from '../metadata/task-options';
import type { TaskRegistry } from '../metadata/task-registry';
import { declaredSchedules } from '../metadata/task-schedules';
import { firstAfter, timesFrom } from '../schedule/rhythm';
import { type ScheduleRecord, scheduleNameMistake } from '../schedule/schedule';
import { type FiringOptions, type RhythmOptions, readSchedule } from '../schedule/schedule-options';
import type { ScheduleStore } from '../store/schedule-store';
import { sentence } from '../task/nearest-name';
import { shown } from '../task/shown';
import type { TaskClass } from '../task/task-class';
import type { InputArguments } from './input-types';
import { encoderOf } from './task-maker';

/** A rhythm, how its firings are treated, and the input of their tasks, which may be left out where it can be empty. */
export type ScheduleOptions<T extends TaskClass> = RhythmOptions &
  FiringOptions &
  ([] extends InputArguments<T> ? { readonly input?: InputArguments<T>[0] } : { readonly input: InputArguments<T>[0] });

/** So many next times are told at most: a look at them is no calendar. */
const MOST_NEXT = 1_000;
/** A schedule that is changed again and again by others while it is resumed is given up on. */
const RESUME_TRIES = 10;

/** Adds, pauses and removes tasks that recur, and tells when they do. */
export class ScheduleClient {
  constructor(
    private readonly store: ScheduleStore,
    private readonly registry: TaskRegistry,
  ) {}

  /** By name: a task of another program. Its input is validated here where its class is known to this app. */
  add(name: string, task: string, options: RhythmOptions & FiringOptions & { readonly input?: object }): Promise<void>;
  /**
   * Adds a schedule, or changes the one of this name: its next time is then computed anew. One that is there as it is keeps its
   * next time; a paused one stays paused.
   * @throws {ConfigurationError} The name or an option is not acceptable, a class declares a schedule of this name, or no time is left.
   * @throws {InputError} The input is not valid.
   */
  add<T extends TaskClass>(name: string, task: T, options: ScheduleOptions<T>): Promise<void>;
  async add(name: string, task: TaskClass | string, options: object): Promise<void> {
    const mistake = scheduleNameMistake(name);
    if (mistake !== undefined) throw new ConfigurationError(`schedules.add: the name${mistake}.`);
    const settings = readSchedule(options);
    if (typeof settings === 'string') throw new ConfigurationError(sentence(`schedules.add("${name}"): ${settings}`));
    await this.refuseDeclared(name);
    const encoder = encoderOf(task, this.registry);
    const place = encoder.definition ? declaredFields(encoder.definition.options) : {};
    const data = encoder.encode((options as { input?: unknown }).input);
    const nextMs = firstAfter(settings, await this.store.scheduleClockMs());
    if (nextMs === undefined) {
      throw new ConfigurationError(`schedules.add("${name}"): cron is "${settings.cron}", which has no time left.`);
    }
    await this.store.putSchedule({ name, task: encoder.name, data, declared: false, ...settings, ...place }, nextMs);
  }

  /** All of them, by name. */
  list(): Promise<ScheduleRecord[]> {
    return this.store.schedules();
  }

  /** undefined where there is none of this name. */
  async get(name: string): Promise<ScheduleRecord | undefined> {
    return (await this.store.schedules()).find((record) => record.name === name);
  }

  /**
   * It fires no more until it is resumed; what it has started goes on.
   * @returns False where there is none of this name.
   */
  pause(name: string): Promise<boolean> {
    return this.store.pauseSchedule(name);
  }

  /**
   * It goes on with its next time: what would have been meanwhile is not caught up with.
   * @returns False where there is none of this name.
   */
  async resume(name: string): Promise<boolean> {
    for (let tries = 0; tries < RESUME_TRIES; tries++) {
      const record = await this.get(name);
      if (record === undefined) return false;
      const nextMs = firstAfter(record, await this.store.scheduleClockMs());
      if (await this.store.resumeSchedule(name, record.version, nextMs)) return true;
    }
    return false;
  }

  /**
   * What it has started goes on. One that a class declares comes back when an app with the class starts.
   * @returns False where there is none of this name.
   */
  remove(name: string): Promise<boolean> {
    return this.store.removeSchedule(name);
  }

  /**
   * The next times, the first of them first; none where it is paused, or there is none of this name.
   * @param count 1 or more; of more than 1,000 the first 1,000 are told.
   */
  async next(name: string, count = 1): Promise<Date[]> {
    if (!(Number.isInteger(count) && count >= 1)) {
      throw new ConfigurationError(
        `schedules.next: the count is ${shown(count)}; it must be a whole number, 1 or more.`,
      );
    }
    const record = await this.get(name);
    if (record?.nextMs === undefined) return [];
    return timesFrom(record, record.nextMs, Math.min(count, MOST_NEXT)).map((timeMs) => new Date(timeMs));
  }

  /** Whoever starts an app with the class would write its own again. */
  private async refuseDeclared(name: string): Promise<void> {
    const here = [...this.registry].find((definition) =>
      declaredSchedules(definition).some((one) => one.name === name),
    );
    const stored = here ? undefined : await this.get(name);
    const task = here?.name ?? (stored?.declared ? stored.task : undefined);
    if (task === undefined) return;
    throw new ConfigurationError(
      `schedules.add("${name}"): the class of task "${task}" declares a schedule of this name, and writes it again when its app starts: choose another name.`,
    );
  }
}

import type { ScheduleStore } from './schedule-store';

/** Gives a store the verbs of schedules, each of which another object does. */
export abstract class ScheduleVerbs implements ScheduleStore {
  protected constructor(private readonly scheduling: ScheduleStore) {}

  scheduleClockMs: ScheduleStore['scheduleClockMs'] = () => this.scheduling.scheduleClockMs();
  putSchedule: ScheduleStore['putSchedule'] = (schedule, nextMs) => this.scheduling.putSchedule(schedule, nextMs);
  removeSchedule: ScheduleStore['removeSchedule'] = (name, version) => this.scheduling.removeSchedule(name, version);
  pauseSchedule: ScheduleStore['pauseSchedule'] = (name) => this.scheduling.pauseSchedule(name);
  resumeSchedule: ScheduleStore['resumeSchedule'] = (name, version, nextMs) =>
    this.scheduling.resumeSchedule(name, version, nextMs);
  schedules: ScheduleStore['schedules'] = () => this.scheduling.schedules();
  dueSchedules: ScheduleStore['dueSchedules'] = (claimMs) => this.scheduling.dueSchedules(claimMs);
  advanceSchedule: ScheduleStore['advanceSchedule'] = (advance, ms) => this.scheduling.advanceSchedule(advance, ms);
  makeFirings: ScheduleStore['makeFirings'] = (firings) => this.scheduling.makeFirings(firings);
}

import { DeclarationError } from '../errors';
import { className } from '../metadata/reflection';
import { type DeclaredScheduleOptions, recordSchedule, type ScheduleDeclaration } from '../metadata/task-schedules';
import type { TaskClass } from '../task/task-class';

/**
 * Starts a task of the class again and again: by a cron expression, or each so much time. May stand above and below `@Task`, and
 * more than once.
 * @throws {DeclarationError} An option is not acceptable.
 */
export function Schedule(cron: string, options?: DeclaredScheduleOptions): (taskClass: TaskClass) => void;
export function Schedule(options: ScheduleDeclaration): (taskClass: TaskClass) => void;
export function Schedule(
  rhythm: string | ScheduleDeclaration,
  options: DeclaredScheduleOptions = {},
): (taskClass: TaskClass) => void {
  if (typeof rhythm === 'function') {
    throw new DeclarationError(`@Schedule on ${className(rhythm)} is not called: write @Schedule('0 9 * * *').`);
  }
  const given = typeof rhythm === 'string' ? { ...options, cron: rhythm } : rhythm;
  return (taskClass) => recordSchedule(taskClass, given);
}

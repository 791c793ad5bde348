import { DeclarationError } from '../errors';
import { type ScheduleSettings, scheduleNameMistake } from '../schedule/schedule';
import { type FiringOptions, type RhythmOptions, readSchedule } from '../schedule/schedule-options';
import { type AnyClass, className, defineMetadata, ownMetadata } from './reflection';
import type { TaskDefinition } from './task-definition';

export type DeclaredScheduleOptions = FiringOptions & {
  /** Of the task; validated by `createApp`. Default: none. */
  readonly input?: object;
  /** Unique among all schedules on a Redis. Default: the name of the task. */
  readonly name?: string;
};

export type ScheduleDeclaration = DeclaredScheduleOptions & RhythmOptions;

/** One `@Schedule` of a task class. */
export interface DeclaredSchedule {
  readonly name: string;
  readonly settings: ScheduleSettings;
  readonly input: object | undefined;
}

interface Recorded extends Omit<DeclaredSchedule, 'name'> {
  /** undefined: that of the task, which is not known before `@Task` has run. */
  readonly name: string | undefined;
}

const SCHEDULES = Symbol('taskwarden.schedules');

/** @throws {DeclarationError} An option is not acceptable, or the class has two schedules of one name. */
export function recordSchedule(taskClass: AnyClass, options: unknown): void {
  const where = `@Schedule on ${className(taskClass)}`;
  const settings = readSchedule(options, ['name']);
  if (typeof settings === 'string') throw new DeclarationError(`${where}: ${settings}.`);
  const { name, input } = options as DeclaredScheduleOptions;
  const mistake = name === undefined ? undefined : scheduleNameMistake(name);
  if (mistake !== undefined) throw new DeclarationError(`${where}: name${mistake}.`);
  const earlier = ownMetadata<readonly Recorded[]>(SCHEDULES, taskClass) ?? [];
  if (earlier.some((one) => one.name === name)) throw new DeclarationError(`${where}: ${twice(name)}`);
  // Copy, then define: the list must be this class's own. The lowest decorator runs first.
  defineMetadata(SCHEDULES, [{ name, settings, input }, ...earlier], taskClass);
}

/**
 * The schedules that a task class declares, the topmost first.
 * @throws {DeclarationError} Two of them have one name.
 */
export function declaredSchedules({ taskClass, name: taskName }: TaskDefinition): DeclaredSchedule[] {
  const recorded = ownMetadata<readonly Recorded[]>(SCHEDULES, taskClass) ?? [];
  const schedules = recorded.map(({ name = taskName, ...rest }) => ({ name, ...rest }));
  const names = schedules.map(({ name }) => name);
  const repeated = names.find((name, place) => names.indexOf(name) < place);
  if (repeated === undefined) return schedules;
  throw new DeclarationError(`@Schedule on ${className(taskClass)}: ${twice(repeated)}`);
}

function twice(name: string | undefined): string {
  const which = name === undefined ? 'two schedules have no name' : `two schedules are named "${name}"`;
  return `${which}: give each a name of its own, such as { name: 'morning' }.`;
}

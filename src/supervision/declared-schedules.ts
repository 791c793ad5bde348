import { ConfigurationError, InputError, JsonValueError } from '../errors';
import { encodeInput } from '../input/parse-input';
import { declaredFields } from '../metadata/task-options';
import type { TaskRegistry } from '../metadata/task-registry';
import { declaredSchedules } from '../metadata/task-schedules';
import { firstAfter } from '../schedule/rhythm';
import type { Schedule } from '../schedule/schedule';
import type { ScheduleStore } from '../store/schedule-store';

/** The schedules that the task classes of an app declare. */
export class DeclaredSchedules {
  private readonly schedules: readonly Schedule[];
  private isTidied = false;

  /**
   * @throws {ConfigurationError} Two classes declare schedules of one name, or the input of one is not valid.
   * @throws {DeclarationError} A class declares two of one name.
   */
  constructor(private readonly registry: TaskRegistry) {
    const byName = new Map<string, Schedule>();
    for (const definition of registry) {
      for (const { name, settings, input } of declaredSchedules(definition)) {
        const where = `@Schedule "${name}" on ${definition.taskClass.name}`;
        const other = byName.get(name);
        if (other !== undefined) {
          throw new ConfigurationError(
            `${where}: task "${other.task}" declares a schedule of this name as well: give one of them another name.`,
          );
        }
        const data = checked(where, () => encodeInput(definition, input));
        const place = declaredFields(definition.options);
        byName.set(name, { name, task: definition.name, data, declared: true, ...settings, ...place });
      }
    }
    this.schedules = [...byName.values()];
  }

  get isEmpty(): boolean {
    return this.schedules.length === 0;
  }

  /** Writes them; one that is there as it is keeps its next time. */
  async put(store: ScheduleStore): Promise<void> {
    const nowMs = await store.scheduleClockMs();
    for (const schedule of this.schedules) await store.putSchedule(schedule, firstAfter(schedule, nowMs));
  }

  /**
   * Removes those that an earlier version of a class has declared, and this one does not. Only the first time: by a later one a
   * newer version may have written its own. Then it only writes them anew where Redis was emptied, and there is no schedule at all.
   */
  async tidy(store: ScheduleStore): Promise<void> {
    const records = await store.schedules();
    if (this.isTidied && records.length === 0 && !this.isEmpty) await this.put(store);
    const stale = this.isTidied ? [] : records.filter((record) => this.isStale(record));
    for (const { name, version } of stale) await store.removeSchedule(name, version);
    this.isTidied = true;
  }

  private isStale({ name, task, declared }: Schedule): boolean {
    return declared && this.registry.get(task) !== undefined && this.schedules.every((one) => one.name !== name);
  }
}

function checked(where: string, encode: () => string): string {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof InputError) && !(error instanceof JsonValueError)) throw error;
    throw new ConfigurationError(`${where}: ${error.message}`, { cause: error });
  }
}

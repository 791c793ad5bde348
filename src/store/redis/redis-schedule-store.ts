import { encodeSchedule, parseSchedule, type Schedule, type ScheduleRecord } from '../../schedule/schedule';
import type { TaskKeys } from '../../task/keys';
import type { NewTask } from '../producer-store';
import type { Advance, ClaimedFirings, DueSchedule, ScheduleLook, ScheduleStore } from '../schedule-store';
import type { RedisConnection } from './redis-connection';
import { RedisFirings } from './redis-firings';
import { redisNowMs } from './redis-now-ms';
import { advanceSchedule } from './scripts/advance-schedule';
import { type DueSchedulesReply, dueSchedules } from './scripts/due-schedules';
import { listSchedules } from './scripts/list-schedules';
import { pauseSchedule } from './scripts/pause-schedule';
import { putSchedule } from './scripts/put-schedule';
import { removeSchedule } from './scripts/remove-schedule';
import { resumeSchedule } from './scripts/resume-schedule';

export class RedisScheduleStore implements ScheduleStore {
  private readonly firings: RedisFirings;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {
    this.firings = new RedisFirings(redis, keys);
  }

  scheduleClockMs(): Promise<number> {
    return redisNowMs(this.redis);
  }

  putSchedule(schedule: Schedule, nextMs: number | undefined): Promise<'created' | 'changed' | 'unchanged'> {
    const args = { name: schedule.name, text: encodeSchedule(schedule), nextMs: nextMs ?? '' };
    return putSchedule.run(this.redis, this.scheduling, args);
  }

  async removeSchedule(name: string, version = ''): Promise<boolean> {
    return (await removeSchedule.run(this.redis, this.scheduling, { name, text: version })) === 1;
  }

  async pauseSchedule(name: string): Promise<boolean> {
    return (await pauseSchedule.run(this.redis, this.scheduling, { name })) === 1;
  }

  async resumeSchedule(name: string, version: string, nextMs: number | undefined): Promise<boolean> {
    const args = { name, text: version, nextMs: nextMs ?? '' };
    return (await resumeSchedule.run(this.redis, this.scheduling, args)) === 1;
  }

  async schedules(): Promise<ScheduleRecord[]> {
    const [schedules, due, state] = await listSchedules.run(this.redis, this.scheduling, {});
    const [dueMs, known] = [mapOf(due), mapOf(state)];
    const records = [...mapOf(schedules)].map(([name, text]): ScheduleRecord | undefined => {
      const schedule = parseSchedule(name, text);
      return (
        schedule && {
          ...schedule,
          version: text,
          paused: known.has(`paused:${name}`),
          nextMs: toMs(dueMs.get(name)),
          lastMs: toMs(known.get(`last:${name}`)),
          lastId: known.get(`last-id:${name}`),
          lastSkippedMs: toMs(known.get(`skipped:${name}`)),
        }
      );
    });
    return records.filter((record) => record !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async dueSchedules(claimMs: number): Promise<ScheduleLook> {
    const reply = await dueSchedules.run(this.redis, this.scheduling, { claimMs });
    const [nowMs, claimEndsMs, nextInMs, found, owed] = reply;
    const due = found.map(readDue);
    const tasks = owed.map(readTask).filter((task) => task !== undefined);
    return {
      nowMs,
      due: due.filter((one) => one !== undefined),
      unreadable: found.filter((_, position) => due[position] === undefined).map(([name]) => name),
      owed: { tasks, untilMs: writableUntil(claimEndsMs, claimMs), repeated: true },
      nextInMs: nextInMs < 0 ? Number.POSITIVE_INFINITY : nextInMs,
    };
  }

  async advanceSchedule(advance: Advance, claimMs: number): Promise<ClaimedFirings | undefined> {
    const { due, nextMs = '', skippedMs = '', firings } = advance;
    const args = { name: due.schedule.name, text: due.version, dueMs: due.dueMs, nextMs, skippedMs, claimMs };
    const notes = firings.flatMap(({ atMs, task }) => [task.id, atMs, JSON.stringify(task)]);
    const claimEndsMs = await advanceSchedule.run(this.redis, this.scheduling, args, notes);
    if (claimEndsMs === 0) return undefined;
    return { tasks: firings.map(({ task }) => task), untilMs: writableUntil(claimEndsMs, claimMs), repeated: false };
  }

  makeFirings(firings: ClaimedFirings): Promise<void> {
    return this.firings.make(firings);
  }

  private get scheduling() {
    return this.keys.scheduling;
  }
}

/** On a cluster the clocks of three nodes are compared: a quarter of the claim covers what they differ by. */
function writableUntil(claimEndsMs: number, claimMs: number): number {
  return claimEndsMs - claimMs / 4;
}

function readDue([name, text, dueMs, lastId, lastIsOwed]: DueSchedulesReply[3][number]): DueSchedule | undefined {
  const schedule = parseSchedule(name, text);
  if (schedule === undefined) return undefined;
  return {
    schedule,
    version: text,
    dueMs: Number(dueMs),
    lastId: lastId === '' ? undefined : lastId,
    lastIsOwed: lastIsOwed === 1,
  };
}

function readTask(text: string): NewTask | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mapOf(pairs: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let place = 0; place < pairs.length; place += 2) map.set(pairs[place] as string, pairs[place + 1] as string);
  return map;
}

function toMs(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

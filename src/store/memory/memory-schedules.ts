import { encodeSchedule, type Schedule, type ScheduleRecord } from '../../schedule/schedule';
import type { NewTask } from '../producer-store';
import type { Advance, ClaimedFirings, ScheduleLook, ScheduleStore } from '../schedule-store';
import type { MemoryBroker } from './memory-broker';
import { priorityOf, setExtraFields, setFields } from './task-hash';

/** So many are looked at in a call, as on Redis. */
const LARGEST_LOOK = 100;

type Entry = { -readonly [Part in keyof Omit<ScheduleRecord, keyof Schedule>]: ScheduleRecord[Part] } & {
  schedule: Schedule;
};

/** A firing that is decided and not made. */
interface Owed {
  readonly task: NewTask;
  claimEndsMs: number;
}

/** Schedules in one process: nobody dies in the middle of a step, but a claim may lapse between two. */
export class MemorySchedules implements ScheduleStore {
  private readonly entries = new Map<string, Entry>();
  private readonly owed = new Map<string, Owed>();

  constructor(private readonly broker: MemoryBroker) {}

  async scheduleClockMs(): Promise<number> {
    return this.nowMs;
  }

  async putSchedule(schedule: Schedule, nextMs: number | undefined): Promise<'created' | 'changed' | 'unchanged'> {
    const { name } = schedule;
    const version = encodeSchedule(schedule);
    const entry = this.entries.get(name);
    const changed = entry?.version !== version;
    const { paused = false, lastMs, lastId, lastSkippedMs } = entry ?? {};
    const next = paused ? undefined : changed ? nextMs : (entry?.nextMs ?? nextMs);
    this.entries.set(name, { schedule, version, paused, nextMs: next, lastMs, lastId, lastSkippedMs });
    return entry === undefined ? 'created' : changed ? 'changed' : 'unchanged';
  }

  async removeSchedule(name: string, version?: string): Promise<boolean> {
    if (version !== undefined && this.entries.get(name)?.version !== version) return false;
    return this.entries.delete(name);
  }

  async pauseSchedule(name: string): Promise<boolean> {
    const entry = this.entries.get(name);
    if (entry === undefined) return false;
    entry.paused = true;
    entry.nextMs = undefined;
    return true;
  }

  async resumeSchedule(name: string, version: string, nextMs: number | undefined): Promise<boolean> {
    const entry = this.entries.get(name);
    if (entry?.version !== version) return false;
    if (!entry.paused) return true;
    entry.paused = false;
    entry.nextMs = nextMs;
    return true;
  }

  async schedules(): Promise<ScheduleRecord[]> {
    return [...this.entries.values()]
      .map(({ schedule, ...rest }) => ({ ...schedule, ...rest }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async dueSchedules(claimMs: number): Promise<ScheduleLook> {
    const { nowMs } = this;
    const due = [...this.entries.values()]
      .filter(({ nextMs }) => nextMs !== undefined && nextMs <= nowMs)
      .toSorted((a, b) => (a.nextMs as number) - (b.nextMs as number))
      .slice(0, LARGEST_LOOK)
      .map(({ schedule, version, nextMs, lastId }) => {
        const lastIsOwed = lastId !== undefined && this.owed.has(lastId);
        return { schedule, version, dueMs: nextMs as number, lastId, lastIsOwed };
      });
    const claimed = [...this.owed.values()].filter(({ claimEndsMs }) => claimEndsMs <= nowMs).slice(0, LARGEST_LOOK);
    for (const owed of claimed) owed.claimEndsMs = nowMs + claimMs;
    const later = [...this.entries.values()].map(({ nextMs }) => nextMs).filter((nextMs) => (nextMs ?? 0) > nowMs);
    const ends = [...this.owed.values()].map(({ claimEndsMs }) => claimEndsMs);
    return {
      nowMs,
      due,
      unreadable: [],
      owed: { tasks: claimed.map(({ task }) => task), untilMs: nowMs + claimMs, repeated: true },
      nextInMs: Math.min(...(later as number[]), ...ends) - nowMs,
    };
  }

  async advanceSchedule(advance: Advance, claimMs: number): Promise<ClaimedFirings | undefined> {
    const { due, nextMs, firings, skippedMs } = advance;
    const entry = this.entries.get(due.schedule.name);
    if (entry?.version !== due.version || entry.nextMs !== due.dueMs) return undefined;
    entry.nextMs = nextMs;
    entry.lastSkippedMs = skippedMs ?? entry.lastSkippedMs;
    const claimEndsMs = this.nowMs + claimMs;
    for (const { atMs, task } of firings) {
      this.owed.set(task.id, { task, claimEndsMs });
      entry.lastMs = atMs;
      entry.lastId = task.id;
    }
    return { tasks: firings.map(({ task }) => task), untilMs: claimEndsMs, repeated: false };
  }

  async makeFirings({ tasks, untilMs }: ClaimedFirings): Promise<void> {
    for (const task of tasks) {
      const owed = this.owed.get(task.id);
      // Made by now, or another's to make.
      if (owed === undefined || owed.claimEndsMs !== untilMs || this.nowMs >= untilMs) continue;
      this.make(task);
      this.owed.delete(task.id);
    }
  }

  private make(task: NewTask): void {
    const { id, name, data } = task;
    const hash = this.broker.findOrMake(id);
    if (hash.has('attempt') || hash.has('lease')) return;
    if (hash.size === 0) {
      setFields(hash, { task: name, data, state: 'WAIT', created: String(this.nowMs) });
      setExtraFields(hash, task, (due) => this.broker.timeOf(due));
    }
    this.broker.queueOf(hash).push(id, priorityOf(hash));
  }

  private get nowMs(): number {
    return this.broker.clock.nowMs();
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { firingId, type ScheduleRecord } from '../../src/schedule/schedule';
import type { Breach } from './judge';
import { KINDS } from './kinds';
import type { Stage } from './stage';
import type { Starter } from './starter';
import type { TimelineEntry } from './timeline';

const NAME = 'chaos';
const PERIOD_MS = 1_000;
/** Without a scheduler's claim on it for so long, nobody makes a firing any more. */
const LONGEST_OWED_MS = 20_000;

/** A schedule that is to fire each second, whatever breaks. */
export class Ticks {
  private firstMs = 0;
  private lastMs: number | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly starter: Starter,
    private readonly signal: AbortSignal,
  ) {}

  /** Of all its firings. */
  get ids(): string[] {
    const count = this.lastMs === undefined ? 0 : (this.lastMs - this.firstMs) / PERIOD_MS + 1;
    return Array.from({ length: count }, (_, place) => firingId(NAME, this.firstMs + place * PERIOD_MS));
  }

  async start(): Promise<void> {
    const { schedules } = this.stage.app.client;
    const options = { every: PERIOD_MS, overlap: 'queue', catchUp: 'all', input: { text: NAME } } as const;
    await this.starter.insist(() => schedules.add(NAME, KINDS.quick.task, options));
    const { nextMs = 0, lastMs = nextMs } = await this.record();
    this.firstMs = Math.min(nextMs, lastMs);
  }

  /** Resolves when all that it has fired is over, or will never be. */
  async stop(): Promise<void> {
    const { app, plain, keys, ends } = this.stage;
    await this.starter.insist(() => app.client.schedules.pause(NAME));
    this.lastMs = (await this.record()).lastMs;
    const endMs = performance.now() + LONGEST_OWED_MS;
    const owed = () => this.starter.insist(() => plain.hlen(keys.scheduling.owed));
    while ((await owed()) > 0 && performance.now() < endMs) await pause(200, undefined, { signal: this.signal });
    await Promise.all(this.ids.map((id) => ends.ended(id)));
  }

  /** Times for which no task was started. The account of those that were is that of any task. */
  missing(timelines: ReadonlyMap<string, readonly TimelineEntry[]>): Breach[] {
    const missing = this.ids.filter((id) => !timelines.has(id));
    return missing.map((id) => ({ kind: 'lost', id, message: `${id} was never written` }));
  }

  private async record(): Promise<ScheduleRecord> {
    return (await this.starter.insist(() => this.stage.app.client.schedules.get(NAME))) as ScheduleRecord;
  }
}

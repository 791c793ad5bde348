import { Gauge, type Registry } from 'prom-client';
import { type Clock, within } from '../clock';
import type { QueueRecord, TaskCounts, TaskReader } from '../store/task-reader';
import type { BoundedNames } from './bounded-names';

/** What was read is told for so long: more than one Prometheus may scrape, and the store is there for the tasks. */
const FRESH_MS = 5_000;
/** Of many queues a look takes long. It is told for so many times as long, so that looks take up a twentieth of the time at most. */
const REST = 20;

interface Look {
  readonly queues: readonly QueueRecord[];
  readonly counts: TaskCounts;
}

interface QueueGauge {
  readonly name: string;
  readonly help: string;
  readonly of: (queue: QueueRecord, nowMs: number) => number;
}

/** Of queues that share a label they are added up. */
const SIZES: readonly QueueGauge[] = [
  { name: 'queue_waiting', help: 'Tasks to be taken now.', of: ({ waiting }) => waiting },
  { name: 'queue_delayed', help: 'Tasks that wait for a delay or the next attempt.', of: ({ delayed }) => delayed },
];

/** Of queues that share a label the largest counts. */
const FACTS: readonly QueueGauge[] = [
  {
    name: 'queue_oldest_age_seconds',
    help: 'How long the task has waited that has waited longest; 0 where none waits.',
    of: ({ oldestMs = Number.POSITIVE_INFINITY }, nowMs) => Math.max(0, nowMs - oldestMs) / 1_000,
  },
  { name: 'queue_paused', help: '1 while nothing is taken from the queue.', of: ({ paused }) => Number(paused) },
];

const COUNTS = [
  { name: 'active_tasks', help: 'Tasks in the active set: running, stopped, or kept for good.', of: 'active' },
  { name: 'ended_tasks', help: 'Tasks that have ended and wait for the cleanup.', of: 'ended' },
] as const;

/** Tells how full the queues are, as the store has it when somebody scrapes: the same in every process. */
export class QueueMetrics {
  private readonly gauges = new Map<string, Gauge>();
  private looking: Promise<void> | undefined;
  /** Where the store is away, reads must not pile up. */
  private reading: Promise<Look | undefined> | undefined;
  private freshUntilMs = Number.NEGATIVE_INFINITY;

  constructor(
    registry: Registry,
    private readonly reader: Pick<TaskReader, 'queues' | 'counts'>,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
    private readonly names: BoundedNames,
  ) {
    const collect = () => this.look();
    const add = (name: string, help: string, labelNames: string[]) =>
      this.gauges.set(
        name,
        new Gauge({ name: `taskwarden_${name}`, help, labelNames, registers: [registry], collect }),
      );
    for (const { name, help } of [...SIZES, ...FACTS]) add(name, help, ['queue']);
    for (const { name, help } of COUNTS) add(name, help, []);
  }

  /** One look for all gauges, and for all who scrape meanwhile. */
  private look(): Promise<void> {
    if (this.clock.monotonicMs() < this.freshUntilMs) return Promise.resolve();
    this.looking ??= this.lookNow().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async lookNow(): Promise<void> {
    const beganMs = this.clock.monotonicMs();
    const found: Look[] = [];
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
    });
    const noted = this.reading.then((look) => {
      if (look) found.push(look);
    });
    await within(this.clock, noted, this.timeoutMs);
    const endedMs = this.clock.monotonicMs();
    this.freshUntilMs = endedMs + Math.max(FRESH_MS, REST * (endedMs - beganMs));
    this.tell(found[0]);
  }

  private async read(): Promise<Look | undefined> {
    try {
      const queues = await this.reader.queues();
      return { queues, counts: await this.reader.counts(queues) };
    } catch {
      return undefined; // That the store is away is told by `taskwarden_redis_up`.
    }
  }

  /** Where the store did not answer there is nothing to tell. */
  private tell(look: Look | undefined): void {
    for (const gauge of this.gauges.values()) {
      gauge.reset();
      // A gauge without labels is reset to 0.
      gauge.remove({});
    }
    if (!look) return;
    const nowMs = this.clock.nowMs();
    for (const { name, of } of SIZES) {
      for (const queue of look.queues)
        this.gauges.get(name)?.inc({ queue: this.names.of(queue.name) }, of(queue, nowMs));
    }
    for (const { name, of } of FACTS) {
      const largest = new Map<string, number>();
      for (const queue of look.queues) {
        const label = this.names.of(queue.name);
        largest.set(label, Math.max(largest.get(label) ?? 0, of(queue, nowMs)));
      }
      for (const [queue, value] of largest) this.gauges.get(name)?.set({ queue }, value);
    }
    for (const { name, of } of COUNTS) this.gauges.get(name)?.set(look.counts[of]);
  }
}

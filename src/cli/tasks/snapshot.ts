import type { QueueRecord, TaskClient, TaskCounts, WorkerRecord } from '../../index';
import type { Output } from '../output/output';
import type { Column } from '../output/table';
import { ageText } from '../output/time-text';
import type { Rates } from './event-rates';

/** What `stats` tells of one moment. */
export interface Snapshot extends TaskCounts, Partial<Rates> {
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** How many workers are alive. */
  readonly workers: number;
  /** How many are silent for too long, within the last hour. */
  readonly overdueWorkers: number;
  readonly queues: readonly QueueStats[];
}

interface QueueStats extends QueueRecord {
  /** How many living workers take from it. */
  readonly workers: number;
}

/** Reads sizes alone, and what stands at the head of each queue: it costs Redis the same however many tasks there are. */
export async function takeSnapshot(client: TaskClient, atMs: number, rates?: Rates): Promise<Snapshot> {
  const [counts, queues, workers] = await Promise.all([
    client.counts(),
    client.queues(),
    client.workers({ runs: false }),
  ]);
  const alive = workers.filter(({ overdue }) => !overdue);
  return {
    atMs,
    ...counts,
    workers: alive.length,
    overdueWorkers: workers.length - alive.length,
    ...rates,
    queues: queues.map((queue) => ({ ...queue, workers: takingFrom(alive, queue.name) })),
  };
}

function takingFrom(workers: readonly WorkerRecord[], name: string): number {
  return workers.filter(({ queues }) => queues.includes(name)).length;
}

const TOTALS: readonly Column<Snapshot>[] = [
  { title: 'WAITING', of: ({ waiting }) => waiting, align: 'right' },
  { title: 'DELAYED', of: ({ delayed }) => delayed, align: 'right' },
  { title: 'ACTIVE', of: ({ active }) => active, align: 'right' },
  { title: 'ENDED', of: ({ ended }) => ended, align: 'right' },
  { title: 'WORKERS', of: ({ workers, overdueWorkers: silent }) => workersText(workers, silent), align: 'right' },
];

const RATES: readonly Column<Snapshot>[] = [
  { title: 'STARTS/S', of: ({ startsPerSecond }) => startsPerSecond?.toFixed(1), align: 'right' },
  { title: 'ENDS/S', of: ({ endsPerSecond }) => endsPerSecond?.toFixed(1), align: 'right' },
  { title: 'FAILURES/S', of: ({ failuresPerSecond }) => failuresPerSecond?.toFixed(1), align: 'right' },
];

const queueColumns = (nowMs: number): readonly Column<QueueStats>[] => [
  { title: 'QUEUE', of: ({ name }) => name },
  { title: 'WAITING', of: ({ waiting }) => waiting, align: 'right' },
  { title: 'DELAYED', of: ({ delayed }) => delayed, align: 'right' },
  { title: 'OLDEST', of: ({ oldestMs }) => ageText(oldestMs, nowMs), align: 'right' },
  { title: 'WORKERS', of: ({ workers }) => workers, align: 'right' },
  { title: 'STATE', of: ({ paused }) => (paused ? 'paused' : 'open') },
];

/** Two tables for people: all together, and queue by queue. */
export function snapshotText(output: Output, snapshot: Snapshot, withRates: boolean): string {
  const totals = output.table(withRates ? [...TOTALS, ...RATES] : TOTALS).part([snapshot]);
  return `${totals}\n\n${output.table(queueColumns(snapshot.atMs)).part(snapshot.queues)}`;
}

/** One line, for a log. */
export function snapshotLine(snapshot: Snapshot): string {
  const { waiting, delayed, active, ended, workers, overdueWorkers } = snapshot;
  const { startsPerSecond = 0, endsPerSecond = 0, failuresPerSecond = 0 } = snapshot;
  return [
    new Date(snapshot.atMs).toISOString(),
    `waiting=${waiting} delayed=${delayed} active=${active} ended=${ended} workers=${workers} overdue=${overdueWorkers}`,
    `starts/s=${startsPerSecond} ends/s=${endsPerSecond} failures/s=${failuresPerSecond}`,
  ].join(' ');
}

function workersText(alive: number, overdue: number): string {
  return overdue === 0 ? String(alive) : `${alive}, ${overdue} overdue`;
}

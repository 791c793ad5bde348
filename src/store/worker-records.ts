import type { TaskRecord } from '../task/record';

/** A worker that takes from queues, as it is. All times are epoch milliseconds by the store's clock. */
export interface WorkerRecord {
  /** The host, the process and a random part: `host-pid-…`, as in `TaskRecord.worker`. */
  readonly id: string;
  /** From which it takes, by name, the default one first. */
  readonly queues: readonly string[];
  /** How many ids it has taken and not given up: mostly tasks that it is about to begin. */
  readonly taken: number;
  /** How many tasks it runs, local ones not counted; undefined where more than 10,000 run in all, or runs were not asked for. */
  readonly running: number | undefined;
  /** Until when what it has taken is its own, unless it tells before that it is alive. */
  readonly untilMs: number;
  /** That time is over: it is dead, paused or cut off, and what it had taken is given to others. It is told for an hour. */
  readonly overdue: boolean;
  /** The last sign of life of its runs, those of local tasks included; undefined where none is known, or runs were not asked for. */
  readonly seenMs: number | undefined;
}

/** So many runs are looked at, those that told last that they are alive. */
export const MOST_RUNS_READ = 10_000;

/** A worker's place at one queue. */
export interface Registration {
  readonly worker: string;
  readonly queue: string;
  readonly untilMs: number;
  readonly taken: number;
}

/** A run, as the hash of its task tells it. */
export interface RunOfWorker {
  readonly worker: string | undefined;
  readonly local: boolean;
  readonly seenMs: number | undefined;
}

/** Empty where the task does not run. */
export function runsOf(task: TaskRecord | undefined): RunOfWorker[] {
  if (task?.state !== 'RUNNING') return [];
  const { worker, local, lastUpdateSeconds } = task;
  return [{ worker, local, seenMs: lastUpdateSeconds && Math.round(lastUpdateSeconds * 1_000) }];
}

/** Stands for runs that were not read. */
export const NOT_READ = { runs: [], isAll: false };

/** @param runs Of all workers. @param isAll Whether they are all that there are, so that they can be counted. */
export function workerRecords(
  registrations: readonly Registration[],
  { runs, isAll }: { readonly runs: readonly RunOfWorker[]; readonly isAll: boolean },
  nowMs: number,
): WorkerRecord[] {
  const runsByWorker = groupByWorker(runs);
  return [...groupByWorker(registrations)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, places]) => {
      const untilMs = Math.max(...places.map((place) => place.untilMs));
      const own = runsByWorker.get(id) ?? [];
      const seen = own.map(({ seenMs }) => seenMs).filter((time) => time !== undefined);
      return {
        id,
        queues: places.map(({ queue }) => queue),
        taken: places.reduce((sum, { taken }) => sum + taken, 0),
        running: isAll ? own.filter(({ local }) => !local).length : undefined,
        untilMs,
        overdue: untilMs < nowMs,
        seenMs: seen.length > 0 ? seen.reduce((latest, time) => Math.max(latest, time)) : undefined,
      };
    });
}

function groupByWorker<T extends { readonly worker: string | undefined }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    if (item.worker === undefined) continue;
    const group = groups.get(item.worker);
    if (group) group.push(item);
    else groups.set(item.worker, [item]);
  }
  return groups;
}

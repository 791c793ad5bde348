import type { TaskKeys } from '../../src/task/keys';
import type { Command } from './append-only-file';
import type { EndedState } from './kinds';

/** What became of a task's hash, as the append-only file tells it. */
export type TimelineEntry = {
  readonly atMs: number;
} /** Somebody wants one end of it: a start, a push by hand, a restart. */ & (
  | { readonly what: 'wanted'; readonly by: 'start' | 'push' | 'restart' }
  | { readonly what: 'begun'; readonly worker: string; readonly attempt: number; readonly lease: string }
  | { readonly what: 'reloaded'; readonly worker: string; readonly lease: string }
  | { readonly what: 'requeued' }
  | { readonly what: 'ended'; readonly state: EndedState; readonly output: string | undefined }
  | { readonly what: 'deleted' }
);

/** Plain producers push an id here in the one transaction that pushes it into the queue: so no push is counted twice. */
export const PLAIN_PUSHES = 'chaos:plain';

/**
 * What happened to each task, from the commands of the append-only file.
 *
 * Times are those that the scripts write, by the clock of Redis; an entry without one has the last that stood before it,
 * which heartbeats keep within half a second.
 * @param plainPushes The list that tells of pushes by hand.
 */
export function readTimelines(
  commands: Iterable<Command>,
  keys: TaskKeys,
  plainPushes?: string,
): Map<string, TimelineEntry[]> {
  const timelines = new Map<string, TimelineEntry[]>();
  let nowMs = 0;
  const note = (id: string, entry: TimelineEntry) => {
    const entries = timelines.get(id);
    if (entries) entries.push(entry);
    else timelines.set(id, [entry]);
  };
  for (const [name, key = '', ...args] of commands) {
    if (name === 'RPUSH' && key === plainPushes) {
      for (const id of args) note(id, { what: 'wanted', by: 'push', atMs: nowMs });
      continue;
    }
    const id = keys.taskId(key);
    if (id === undefined) continue;
    if (name === 'DEL' || name === 'UNLINK') {
      if (timelines.has(id)) note(id, { what: 'deleted', atMs: nowMs });
    } else if (name === 'HSET' || name === 'HMSET') {
      const fields = fieldsOf(args);
      nowMs = Math.max(nowMs, timeOf(fields));
      const entry = entryOf(fields, nowMs);
      if (entry) note(id, entry);
    }
  }
  return timelines;
}

type Fields = Readonly<Record<string, string | undefined>>;

function fieldsOf(args: readonly string[]): Fields {
  const fields: Record<string, string> = {};
  for (let place = 0; place + 1 < args.length; place += 2) fields[args[place] as string] = args[place + 1] as string;
  return fields;
}

function timeOf({ last_update: update, started, ended, created }: Fields): number {
  const times = [Number(update ?? 0) * 1_000, Number(started ?? 0), Number(ended ?? 0), Number(created ?? 0)];
  return Math.max(...times.map((time) => (Number.isFinite(time) ? Math.floor(time) : 0)));
}

function entryOf(fields: Fields, atMs: number): TimelineEntry | undefined {
  const { state, lease = '', worker = '', created, started, output, attempt } = fields;
  switch (state) {
    case undefined:
      return started === undefined ? undefined : { what: 'reloaded', worker, lease, atMs };
    case 'WAIT':
      if (created !== undefined) return { what: 'wanted', by: 'start', atMs };
      return lease.startsWith('restart:') ? { what: 'wanted', by: 'restart', atMs } : { what: 'requeued', atMs };
    case 'RUNNING':
      return { what: 'begun', worker, attempt: Number(attempt), lease, atMs };
    default:
      return { what: 'ended', state: state as EndedState, output, atMs };
  }
}

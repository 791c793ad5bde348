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
  for (const command of commands) {
    const [name, key, ...args] = command;
    if (name === 'RPUSH' && key === plainPushes) {
      for (const id of args) note(id, { what: 'wanted', by: 'push', atMs: nowMs });
      continue;
    }
    const found = readEntry(command, keys, nowMs);
    if (!found) continue;
    nowMs = found.nowMs;
    if (found.entry && (found.entry.what !== 'deleted' || timelines.has(found.id))) note(found.id, found.entry);
  }
  return timelines;
}

/**
 * What a command tells of a task; undefined where it writes no hash of one, and an entry only where it changes what becomes of it.
 * @param nowMs The last time that stood before it.
 */
export function readEntry(
  [name, key = '', ...args]: Command,
  keys: TaskKeys,
  nowMs: number,
): { readonly id: string; readonly entry: TimelineEntry | undefined; readonly nowMs: number } | undefined {
  const id = keys.taskId(key);
  if (id === undefined) return undefined;
  if (name === 'DEL' || name === 'UNLINK') return { id, entry: { what: 'deleted', atMs: nowMs }, nowMs };
  if (name !== 'HSET' && name !== 'HMSET') return undefined;
  const fields = fieldsOf(args);
  const atMs = Math.max(nowMs, timeOf(fields));
  return { id, entry: entryOf(fields, atMs), nowMs: atMs };
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

import { DEFAULT_PRIORITY } from './priority';
import { DEFAULT_QUEUE } from './queue-name';
import { isTaskState, type TaskState } from './state';

/** A task as its hash tells it; see docs/protocol.md for the fields. */
export interface TaskRecord {
  readonly id: string;
  /** Absent where a producer wrote no `task` field. */
  readonly name: string | undefined;
  /** The input as JSON text, unchecked. */
  readonly data: string | undefined;
  readonly state: TaskState;
  /** JSON for SUCCESS, plain text for ERROR and EXCEPTION. */
  readonly output: string | undefined;
  /** False: the ended task stays, and is never cleaned up. */
  readonly cleanup: boolean;
  readonly local: boolean;
  /** Starts since the task was enqueued; 1 during the first run, 0 before it. */
  readonly attempt: number;
  /** Until when it waits before it may be taken, where it does: epoch milliseconds. */
  readonly dueMs: number | undefined;
  /** The queue that it is taken from. */
  readonly queue: string;
  /** From 0, taken first, to 9. */
  readonly priority: number;
  /** After it no run of the task goes on, and none begins: epoch milliseconds; undefined where there is none. */
  readonly deadlineMs: number | undefined;
  /** How many of its runs have failed and were retried. */
  readonly failures: number;
  /** Why the last five of them did, the oldest first; of each the first 1,000 characters. */
  readonly errors: readonly string[];
  readonly worker: string | undefined;
  /** The last value given to `progress`, as JSON text. */
  readonly progress: string | undefined;
  /** Epoch seconds with fraction, as pytask writes it. */
  readonly lastUpdateSeconds: number | undefined;
  readonly createdMs: number | undefined;
  /** When it was restarted last, while it waits since. */
  readonly restartedMs: number | undefined;
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
}

/** What of a task a search looks at. */
export type TaskTraits = Pick<TaskRecord, 'name' | 'state' | 'createdMs' | 'local' | 'queue'>;

/** The fields of the hash that tell the traits. */
export type TraitField = 'task' | 'state' | 'created' | 'local' | 'queue';

/** Since when a task that waits may have been taken, in epoch milliseconds; undefined where its producer wrote no time. */
export function takeableSinceMs(task: Pick<TaskRecord, 'createdMs' | 'dueMs' | 'restartedMs'>): number | undefined {
  const times = [task.createdMs, task.dueMs, task.restartedMs].filter((time) => time !== undefined);
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** The times of a hash that `takeableSinceMs` asks for. */
export function parseTimes(
  hash: Readonly<Partial<Record<'created' | 'due' | 'restarted', string | undefined>>>,
): Pick<TaskRecord, 'createdMs' | 'dueMs' | 'restartedMs'> {
  return {
    createdMs: toNumber(hash.created),
    dueMs: toNumber(hash.due),
    restartedMs: toNumber(hash.restarted),
  };
}

/** Reads a hash; undefined where it is no task (missing, or only the mark of a removed one). */
export function parseRecord(id: string, hash: Readonly<Record<string, string>>): TaskRecord | undefined {
  const fields = Object.keys(hash);
  if (fields.length === 0 || (fields.length === 1 && fields[0] === 'skip')) return undefined;
  return {
    id,
    ...parseTraits(hash),
    ...parseTimes(hash),
    data: hash.data,
    output: hash.output,
    cleanup: hash.cleanup !== 'false',
    attempt: toNumber(hash.attempt) ?? 0,
    priority: toNumber(hash.priority) ?? DEFAULT_PRIORITY,
    deadlineMs: toNumber(hash.deadline),
    failures: toNumber(hash.failures) ?? 0,
    errors: readErrors(hash.errors),
    worker: hash.worker,
    progress: hash.progress,
    lastUpdateSeconds: toNumber(hash.last_update),
    startedMs: toNumber(hash.started),
    endedMs: toNumber(hash.ended),
  };
}

/** What a search looks at, of the fields of a hash. */
export function parseTraits(fields: Readonly<Partial<Record<TraitField, string>>>): TaskTraits {
  const { task, state = 'WAIT', created, local, queue } = fields;
  return {
    name: task,
    state: isTaskState(state) ? state : 'WAIT',
    createdMs: toNumber(created),
    local: local === 'true',
    queue: queue ?? DEFAULT_QUEUE,
  };
}

function toNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** The field `errors`; none where somebody has made it something else. */
export function readErrors(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  try {
    const errors: unknown = JSON.parse(text);
    return Array.isArray(errors) ? errors.map(String) : [];
  } catch {
    return [];
  }
}

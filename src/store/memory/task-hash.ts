import type { Due } from '../../task/due';
import { DEFAULT_PRIORITY } from '../../task/priority';
import { DEFAULT_QUEUE } from '../../task/queue-name';
import { isTaskState, type TaskState } from '../../task/state';
import type { NewTask } from '../producer-store';

/** The fields of a task, all text, as on the wire; see docs/protocol.md. */
export type TaskHash = Map<string, string>;

/** A hash without a state, or with one that nobody knows, waits. */
export function stateOf(hash: TaskHash): TaskState {
  const state = hash.get('state') ?? 'WAIT';
  return isTaskState(state) ? state : 'WAIT';
}

/** False where all that is left is the mark of places to be used up. */
export function isTask(hash: TaskHash): boolean {
  return hash.size > 1 || !hash.has('skip');
}

/** A field as a number; 0 where there is none. */
export function numberIn(hash: TaskHash, field: string): number {
  const number = Number(hash.get(field));
  return Number.isFinite(number) ? number : 0;
}

/** Epoch milliseconds of the last sign of life of the task's worker; 0 where there was none. */
export function lastUpdateMs(hash: TaskHash): number {
  return numberIn(hash, 'last_update') * 1000;
}

/** What a worker of ours writes as its sign of life: nine decimals, which no float of pytask has. */
export function stampOf(nowMs: number): string {
  return (nowMs / 1000).toFixed(9);
}

/** True where no foreign worker, which knows of no lease, has given a sign of life since ours. */
export function isOurStamp(stamp: string | undefined): boolean {
  return stamp?.at(-10) === '.';
}

/** True where the worker has shown a sign of life within `leaseMs`. */
export function isFresh(hash: TaskHash, nowMs: number, leaseMs: number): boolean {
  return nowMs - lastUpdateMs(hash) <= leaseMs;
}

export function setFields(hash: TaskHash, fields: Readonly<Record<string, string>>): void {
  for (const [field, value] of Object.entries(fields)) hash.set(field, value);
}

/** Writes what most new tasks have not. @param timeOf In epoch milliseconds. */
export function setExtraFields(hash: TaskHash, task: NewTask, timeOf: (due: Due) => number): void {
  const { cleanup, queue = DEFAULT_QUEUE, priority = DEFAULT_PRIORITY, deadline, trace } = task;
  if (!cleanup) hash.set('cleanup', 'false');
  if (queue !== DEFAULT_QUEUE) hash.set('queue', queue);
  if (priority !== DEFAULT_PRIORITY) hash.set('priority', String(priority));
  if (deadline) hash.set('deadline', String(timeOf(deadline)));
  if (trace) hash.set('trace', trace);
}

/** From 0, taken first, to 9. */
export function priorityOf(hash: TaskHash): number {
  return Number(hash.get('priority') ?? DEFAULT_PRIORITY);
}

export function dropFields(hash: TaskHash, ...fields: readonly string[]): void {
  for (const field of fields) hash.delete(field);
}

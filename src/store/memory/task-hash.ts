import { isTaskState, type TaskState } from '../../task/state';

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

export function dropFields(hash: TaskHash, ...fields: readonly string[]): void {
  for (const field of fields) hash.delete(field);
}

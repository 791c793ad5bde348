import { createHash } from 'node:crypto';
import type { ResolvedUnique } from '../metadata/unique-options';
import type { Due } from '../task/due';
import type { TaskState } from '../task/state';
import type { NewTask } from './producer-store';

/** By what a new task is to be the only one of its name. */
export interface UniqueClaim extends Omit<ResolvedUnique, 'key'> {
  readonly key: string;
}

/** `started`: the task is enqueued. `duplicate`: an earlier one has the key, of this id. `exists`: a task of the id waits or runs. */
export interface UniqueReply {
  readonly kind: 'started' | 'duplicate' | 'exists';
  readonly id: string;
}

/** The last task that was started with a key. */
export interface EarlierTask {
  /** undefined where it is gone, or its id has been started anew. */
  readonly state: TaskState | undefined;
  /** How long ago it was started, by the store's clock. */
  readonly ageMs: number;
}

/** `start`: there is no duplicate; else what is done to the earlier task. */
export type Verdict = 'start' | 'keep' | 'replace' | 'postpone';

const HOLDING = { waiting: ['WAIT'], running: ['RUNNING'], unended: ['WAIT', 'RUNNING'] } as const;

/** What a start means to an earlier task of its key. */
export function judge({ policy, while: span, windowMs = 0 }: UniqueClaim, { state, ageMs }: EarlierTask): Verdict {
  if (policy === 'debounce') return state === 'WAIT' ? 'postpone' : 'start';
  if (ageMs < windowMs) return 'keep';
  const holds = policy !== 'throttle' && (HOLDING[span] as readonly unknown[]).includes(state);
  if (!holds) return 'start';
  return policy === 'replace' && state === 'WAIT' ? 'replace' : 'keep';
}

/** When a task that is debounced is due, if no other start comes. */
export function debounceDue({ policy, windowMs }: UniqueClaim): Due | undefined {
  return policy === 'debounce' && windowMs !== undefined ? { inMs: windowMs } : undefined;
}

/** A task as it is written under its claim. */
export function claimedTask(task: NewTask, claim: UniqueClaim): NewTask {
  const due = debounceDue(claim);
  return due ? { ...task, due } : task;
}

/** For how long the key is remembered although its task is over, in milliseconds. */
export function rememberedMs({ policy, windowMs = 0 }: UniqueClaim): number {
  return policy === 'debounce' ? 0 : Math.ceil(windowMs);
}

/**
 * Stands for a key of a task's name: 43 characters, whatever is in the key, so that it neither chooses a cluster slot nor fills
 * the store.
 */
export function keyHash(taskName: string, key: string): string {
  return createHash('sha256').update(`${taskName}\0${key}`).digest('base64url');
}

/** The field `unique` of a task: the hash of its key, and the token under which it was claimed. */
export function claimText(hash: string, token: string): string {
  return `${hash}:${token}`;
}

/** The hash and the token of a claim; neither holds a colon before the first. */
export function readClaim(text: string): readonly [hash: string, token: string] {
  const colon = text.indexOf(':');
  return [text.slice(0, colon), text.slice(colon + 1)];
}

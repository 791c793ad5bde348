import { ConfigurationError, InputError, TaskExistsError } from '../errors';
import { parseInput } from '../input/parse-input';
import { type ResolvedUnique, readUnique } from '../metadata/unique-options';
import type { NewTask, ProducerStore } from '../store/producer-store';
import type { UniqueClaim } from '../store/unique';
import type { TaskFields } from './start-options';
import type { InputEncoder } from './task-maker';

/** The rule of a start, which is that of the call or else of the class; undefined where there is none. @throws {ConfigurationError} */
export function uniqueRule(encoder: InputEncoder, options: TaskFields): ResolvedUnique | undefined {
  const { unique: given } = options;
  const rule = given === undefined ? encoder.definition?.options.unique : given !== false && readUnique(given);
  if (typeof rule === 'string') throw new ConfigurationError(`unique${rule}.`);
  if (!rule) return undefined;
  if (rule.policy === 'debounce' && (options.delay !== undefined || options.runAt !== undefined)) {
    throw new ConfigurationError(
      'unique.policy is "debounce", which says when the task is due: leave out delay and runAt, or use another policy.',
    );
  }
  return rule;
}

/** @param data The input as JSON text, which is valid. @throws {InputError} It gives no key. */
export function claimOf(rule: ResolvedUnique, encoder: InputEncoder, data: string): UniqueClaim {
  return { ...rule, key: keyOf(rule, encoder, data) };
}

function keyOf({ key }: ResolvedUnique, { name, definition }: InputEncoder, data: string): string {
  if (typeof key === 'string') return key;
  if (key === undefined) return JSON.stringify(JSON.parse(data), sorted);
  const input = definition ? parseInput(definition, data) : JSON.parse(data);
  let made: unknown;
  try {
    made = key(input as never);
  } catch (error) {
    throw noKey(name, `but threw: ${String(error)}`, error);
  }
  if (typeof made === 'string' && made !== '') return made;
  throw noKey(name, `but gave ${made instanceof Promise ? 'a promise' : (JSON.stringify(made) ?? String(made))}`);
}

function noKey(taskName: string, what: string, cause?: unknown): InputError {
  const message = `must have a unique.key: its function is to give a non-empty text, ${what}`;
  return new InputError(taskName, [{ path: '', message }], cause === undefined ? {} : { cause });
}

/** For `JSON.stringify`: the same text whatever the order of the properties. */
function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // Number-like names come first in any object, in both the same.
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @returns The id of the task, or of the earlier one that has its key. @throws {TaskExistsError} */
export async function startUnique(
  store: Pick<ProducerStore, 'enqueueUnique'>,
  task: NewTask,
  claim: UniqueClaim,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const { kind, id } = await store.enqueueUnique(task, claim);
  if (kind === 'exists') throw new TaskExistsError(task.id);
  return { id, isNew: kind === 'started' };
}

/** A task, and by what it is to be the only one. */
export interface ClaimedTask {
  readonly task: NewTask;
  readonly claim: UniqueClaim;
}

/**
 * Starts many, those of one key in their order: of the same inputs the first is started, and the last is what replaces it.
 * @returns What became of each, in their order; the error where the store has failed.
 */
export function enqueueClaimed(
  store: Pick<ProducerStore, 'enqueueUnique'>,
  claimed: readonly ClaimedTask[],
): Promise<PromiseSettledResult<'started' | 'duplicate' | 'exists'>[]> {
  const lastOfKey = new Map<string, Promise<unknown>>();
  const starts = claimed.map(async ({ task, claim }) => {
    const before = lastOfKey.get(claim.key);
    const start = (async () => {
      await before;
      return (await store.enqueueUnique(task, claim)).kind;
    })();
    lastOfKey.set(claim.key, start);
    return start;
  });
  return Promise.allSettled(starts);
}

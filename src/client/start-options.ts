import { ConfigurationError } from '../errors';
import type { UniqueOptions } from '../metadata/unique-options';
import { type Duration, parseDuration } from '../task/duration';
import { keysOf } from '../task/option-keys';
import { shown } from '../task/shown';
import type { TaskClass } from '../task/task-class';
import type { DueOptions } from './due-options';
import type { InputArguments, InputOf, ReadInputOf } from './input-types';
import type { TaskHandle } from './task-handle';

/** What is the same for all tasks of a start. */
export interface TaskFields<Input = never> extends DueOptions {
  /** False keeps the ended task for good. Default true: it is cleaned up after its retention. */
  readonly cleanup?: boolean;
  /** The queue that it goes into. Default: that of its class, else `default`. */
  readonly queue?: string;
  /**
   * From 0, taken first, to 9. A level is worth a minute of waiting: nobody starves. Default: that of its class, else 5, which tasks
   * of plain producers have.
   */
  readonly priority?: number;
  /**
   * How long the task may take in all, from now, retries and waits included; then it ends. Default: that of its class, else as long as
   * it wants.
   */
  readonly deadline?: Duration;
  /** In place of what the class says, as a whole; false: any number of them. Default: what the class says. */
  readonly unique?: UniqueOptions<Input> | false;
}

/** How sure a start is to be, before it resolves, that the task is not lost. */
export interface DurabilityOptions {
  /**
   * When the start resolves: once Redis has accepted the task, or once a replica of it has it as well, so that a failover
   * does not lose it. Default `accepted`.
   */
  readonly durability?: 'accepted' | 'replicated';
  /** How long to wait for a replica. Default 1s. */
  readonly replicationTimeout?: Duration;
}

export interface StartOptions<Input = never> extends TaskFields<Input>, DurabilityOptions {
  /** Default: a fresh random one, 22 characters. */
  readonly id?: string;
}

/** The input of a task class, then the options; the input may be left out where it can be empty. */
export type StartArguments<T extends TaskClass> =
  [] extends InputArguments<T>
    ? [input?: InputArguments<T>[0], options?: StartOptions<ReadInputOf<T>>]
    : [input: InputArguments<T>[0], options?: StartOptions<ReadInputOf<T>>];

/** An input of a task class; or a pair of an id and the input, as a Map has them. */
export type StartItem<T extends TaskClass> = InputOf<T> | readonly [id: string, input: InputOf<T>];

/** `durability` is a matter of each chunk of 500: what no replica has confirmed in time is in the report. */
export interface StartManyOptions<Output = unknown, Input = never> extends TaskFields<Input>, DurabilityOptions {
  /** Ends it: what is on its way is waited for, and nothing more is sent. */
  readonly signal?: AbortSignal;
  /**
   * Called for each task once it is in the queue, in the order of the inputs; it may run by then. Not for duplicates.
   * @param index The place of its input, from 0.
   * @returns A promise is awaited before more is sent.
   */
  readonly onStarted?: (handle: TaskHandle<Output>, index: number) => void | Promise<void>;
}

/** How long to wait for a replica, in milliseconds; undefined: not at all. */
export function replicationOf({ durability = 'accepted', replicationTimeout }: DurabilityOptions): number | undefined {
  if (durability === 'accepted' && replicationTimeout === undefined) return undefined;
  if (durability !== 'accepted' && durability !== 'replicated') {
    throw new ConfigurationError(`durability is ${shown(durability)}: give 'accepted' or 'replicated'.`);
  }
  const timeoutMs = parseDuration(replicationTimeout ?? '1s', 'replicationTimeout');
  if (timeoutMs <= 0) throw new ConfigurationError('replicationTimeout must be more than 0.');
  return durability === 'replicated' ? timeoutMs : undefined;
}

const FIELD_KEYS = {
  cleanup: true,
  queue: true,
  priority: true,
  deadline: true,
  unique: true,
  delay: true,
  runAt: true,
} as const;
const DURABILITY_KEYS = { durability: true, replicationTimeout: true } as const;
export const START_KEYS = keysOf<StartOptions>({ id: true, ...FIELD_KEYS, ...DURABILITY_KEYS });
export const START_MANY_KEYS = keysOf<StartManyOptions>({
  signal: true,
  onStarted: true,
  ...FIELD_KEYS,
  ...DURABILITY_KEYS,
});

import { DeclarationError } from '../errors';
import { type Duration, readDuration } from '../task/duration';
import { sentence, suggestName } from '../task/nearest-name';
import { DEFAULT_PRIORITY, priorityMistake } from '../task/priority';
import { DEFAULT_QUEUE, queueMistake } from '../task/queue-name';
import { shown } from '../task/shown';
import { type LimitOptions, type ResolvedLimit, readLimitOption } from './limit-options';
import { className } from './reflection';
import { type ResolvedRetry, type RetryOptions, readRetry } from './retry-options';
import { type ResolvedUnique, readUnique, type UniqueOptions } from './unique-options';

/** What `@Task(name, options)` takes. To add an option, name it here and give it a rule in `RULES`. */
export interface TaskOptions {
  /** At most so many runs of this class at a time in one worker; default: no bound but the worker's own. */
  readonly concurrency?: number;
  /** The queue that its tasks go into, unless a start names another one. Default `default`. */
  readonly queue?: string;
  /** From 0, taken first, to 9, unless a start gives another one. Default 5, which those of plain producers have. */
  readonly priority?: number;
  /** How long the task may take in all, from its start, retries and waits included; then it ends. Default: as long as it wants. */
  readonly deadline?: Duration;
  /** What all workers of the cluster keep to together: runs at a time, and how often they begin, in all and for each key. */
  readonly limit?: LimitOptions;
  /** How long one run may take; then it is aborted, and has failed. Default: as long as it wants. */
  readonly timeout?: Duration;
  /** What follows a run that failed; default: nothing, the task is over. */
  readonly retry?: RetryOptions;
  /** Which tasks of this class may not be there beside each other; default: any may. */
  readonly unique?: UniqueOptions;
}

/** The value as the rest of the program wants it; or what is wrong with it, to go on after the option's name. */
type Reading<T> = { readonly value: T } | { readonly mistake: string };

interface OptionRule<T> {
  readonly fallback: T;
  read(value: unknown): Reading<T>;
}

const NO_RETRY = readRetry({ attempts: 1 }) as ResolvedRetry;

const RULES = {
  concurrency: {
    fallback: Number.POSITIVE_INFINITY,
    read: reading((value) => {
      if (Number.isInteger(value) && (value as number) >= 1) return value as number;
      return ` is ${shown(value)}; it must be a whole number, 1 or more`;
    }),
  } satisfies OptionRule<number>,
  queue: { fallback: DEFAULT_QUEUE, read: checked<string>(queueMistake) } satisfies OptionRule<string>,
  priority: { fallback: DEFAULT_PRIORITY, read: checked<number>(priorityMistake) } satisfies OptionRule<number>,
  deadline: { fallback: Number.POSITIVE_INFINITY, read: reading(readPositiveMs) } satisfies OptionRule<number>,
  limit: { fallback: undefined, read: reading(readLimitOption) } satisfies OptionRule<ResolvedLimit | undefined>,
  timeout: { fallback: Number.POSITIVE_INFINITY, read: reading(readPositiveMs) } satisfies OptionRule<number>,
  retry: { fallback: NO_RETRY, read: reading(readRetry) } satisfies OptionRule<ResolvedRetry>,
  unique: { fallback: undefined, read: reading(readUnique) } satisfies OptionRule<ResolvedUnique | undefined>,
} satisfies { readonly [Name in keyof TaskOptions]-?: OptionRule<unknown> };

/** All options, with defaults in place. */
export type ResolvedTaskOptions = {
  readonly [Name in keyof TaskOptions]-?: (typeof RULES)[Name] extends OptionRule<infer T> ? T : never;
};

/**
 * Checks the options of a task class and fills in the defaults.
 * @throws {DeclarationError} An unknown option, or a value that is not acceptable.
 */
export function readTaskOptions(options: unknown, taskClass: unknown): ResolvedTaskOptions {
  const where = `@Task on ${className(taskClass)}`;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new DeclarationError(`${where}: the options must be an object, such as { concurrency: 5 }.`);
  }
  const given = options as Readonly<Record<string, unknown>>;
  const known = Object.keys(RULES);
  for (const name of Object.keys(given)) {
    if (!known.includes(name))
      throw new DeclarationError(`${where}: unknown option "${name}", ${suggestName(name, known)}`);
  }
  const entries = Object.entries<OptionRule<unknown>>(RULES).map(([name, rule]) => {
    const read = given[name] === undefined ? { value: rule.fallback } : rule.read(given[name]);
    if ('mistake' in read) throw new DeclarationError(sentence(`${where}: ${name}${read.mistake}`));
    return [name, read.value];
  });
  return Object.freeze(Object.fromEntries(entries)) as ResolvedTaskOptions;
}

/** Where the tasks of a class wait, and for how long they may take, as far as it is not the usual. */
export function declaredFields({ queue, priority, deadline }: ResolvedTaskOptions) {
  return {
    ...(queue !== DEFAULT_QUEUE && { queue }),
    ...(priority !== DEFAULT_PRIORITY && { priority }),
    ...(Number.isFinite(deadline) && { deadlineMs: deadline }),
  };
}

/** A duration of more than 0, in milliseconds; or what is wrong with it. */
function readPositiveMs(value: unknown): number | string {
  const limitMs = readDuration(value);
  if (limitMs !== undefined && limitMs > 0) return limitMs;
  return ` is ${shown(value)}; it must be milliseconds, more than 0, or a text such as '30s'`;
}

/** Of a value that is no text: a text is what is wrong with it. */
function reading<T extends number | object>(read: (value: unknown) => T | string): (value: unknown) => Reading<T> {
  return (given) => {
    const value = read(given);
    return typeof value === 'string' ? { mistake: value } : { value };
  };
}

/** Of a value that is taken as it is. */
function checked<T>(mistakeOf: (value: unknown) => string | undefined): (value: unknown) => Reading<T> {
  return (value) => {
    const mistake = mistakeOf(value);
    return mistake === undefined ? { value: value as T } : { mistake };
  };
}

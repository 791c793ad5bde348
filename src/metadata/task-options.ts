import { DeclarationError } from '../errors';
import { type Duration, readDuration } from '../task/duration';
import { suggestName } from '../task/nearest-name';
import { shown } from '../task/shown';
import { className } from './reflection';
import { type ResolvedRetry, type RetryOptions, readRetry } from './retry-options';

/** What `@Task(name, options)` takes. To add an option, name it here and give it a rule in `RULES`. */
export interface TaskOptions {
  /** At most so many runs of this class at a time in one worker; default: no bound but the worker's own. */
  readonly concurrency?: number;
  /** How long one run may take; then it is aborted, and has failed. Default: as long as it wants. */
  readonly timeout?: Duration;
  /** What follows a run that failed; default: nothing, the task is over. */
  readonly retry?: RetryOptions;
}

interface OptionRule<T> {
  readonly fallback: T;
  /** The value as the rest of the program wants it; a text where it is not acceptable, which goes on after the option's name. */
  read(value: unknown): T | string;
}

const NO_RETRY = readRetry({ attempts: 1 }) as ResolvedRetry;

const RULES = {
  concurrency: {
    fallback: Number.POSITIVE_INFINITY,
    read: (value) => {
      if (Number.isInteger(value) && (value as number) >= 1) return value as number;
      return ` is ${shown(value)}; it must be a whole number, 1 or more`;
    },
  } satisfies OptionRule<number>,
  timeout: {
    fallback: Number.POSITIVE_INFINITY,
    read: (value) => {
      const timeoutMs = readDuration(value);
      if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
      return ` is ${shown(value)}; it must be milliseconds, more than 0, or a text such as '30s'`;
    },
  } satisfies OptionRule<number>,
  retry: { fallback: NO_RETRY, read: readRetry } satisfies OptionRule<ResolvedRetry>,
} satisfies { readonly [Name in keyof TaskOptions]-?: OptionRule<unknown> };

/** All options, with defaults in place. */
export type ResolvedTaskOptions = {
  readonly [Name in keyof TaskOptions]-?: Exclude<ReturnType<(typeof RULES)[Name]['read']>, string>;
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
    const value = given[name] === undefined ? rule.fallback : rule.read(given[name]);
    if (typeof value === 'string') throw new DeclarationError(`${where}: ${name}${value}.`);
    return [name, value];
  });
  return Object.freeze(Object.fromEntries(entries)) as ResolvedTaskOptions;
}

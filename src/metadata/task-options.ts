import { DeclarationError } from '../errors';
import { suggestName } from '../task/nearest-name';
import { className } from './reflection';

/** What `@Task(name, options)` takes. To add an option, name it here and give it a rule in `RULES`. */
export interface TaskOptions {
  /** At most so many runs of this class at a time in one worker; default: no bound but the worker's own. */
  readonly concurrency?: number;
}

interface OptionRule<T> {
  readonly fallback: T;
  /** The value as the rest of the program wants it; undefined where it is not acceptable. */
  read(value: unknown): T | undefined;
  /** Completes "concurrency must be …". */
  readonly must: string;
}

const RULES = {
  concurrency: {
    fallback: Number.POSITIVE_INFINITY,
    read: (value) => (Number.isInteger(value) && (value as number) >= 1 ? (value as number) : undefined),
    must: 'a whole number, 1 or more',
  } satisfies OptionRule<number>,
} satisfies { readonly [Name in keyof TaskOptions]-?: OptionRule<unknown> };

/** All options, with defaults in place. */
export type ResolvedTaskOptions = {
  readonly [Name in keyof TaskOptions]-?: NonNullable<ReturnType<(typeof RULES)[Name]['read']>>;
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
    if (value === undefined) {
      throw new DeclarationError(`${where}: ${name} is ${JSON.stringify(given[name])}; it must be ${rule.must}.`);
    }
    return [name, value];
  });
  return Object.freeze(Object.fromEntries(entries)) as ResolvedTaskOptions;
}

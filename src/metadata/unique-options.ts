import { type Duration, readDuration } from '../task/duration';
import { shown } from '../task/shown';

const POLICIES = ['keep', 'replace', 'debounce', 'throttle'] as const;
const SPANS = ['waiting', 'running', 'unended'] as const;

/** What becomes of a start whose key another task has. */
export type UniquePolicy = (typeof POLICIES)[number];

/** In which states the earlier task has the key to itself. */
export type UniqueWhile = (typeof SPANS)[number];

/** Of all tasks of one name and one key, which may be there at a time. */
export interface UniqueOptions<Input = never> {
  /** A non-empty text, or what makes one of the validated input. Default: the input itself, whatever the order of its properties. */
  readonly key?: string | ((input: Input) => string);
  /**
   * `keep`, the default: the earlier task stays as it is. `replace`: it gets the new input, if it waits. `debounce`: the same,
   * and waits for `window` anew. `throttle`: it stays for `window`, whatever becomes of it.
   */
  readonly policy?: UniquePolicy;
  /** A start is a duplicate while the earlier task waits, runs, or does either: `unended`, the default. */
  readonly while?: UniqueWhile;
  /** A start is a duplicate also within so long of the earlier one. Default for `keep`: none; `debounce` and `throttle` need it. */
  readonly window?: Duration;
}

export interface ResolvedUnique {
  /** undefined: the whole input. */
  readonly key: string | ((input: never) => string) | undefined;
  readonly policy: UniquePolicy;
  readonly while: UniqueWhile;
  readonly windowMs: number | undefined;
}

/** What is wrong with the options, completing "unique"; or the options with defaults in place. */
export function readUnique(value: unknown): ResolvedUnique | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return ` is ${shown(value)}; it must be an object, such as { policy: 'keep' }`;
  }
  const { key, policy = 'keep', while: span, window, ...unknown } = value as Record<string, unknown>;
  const [stray] = Object.keys(unknown);
  if (stray !== undefined) return `.${stray} is not known; there are key, policy, while, window`;
  if (key !== undefined && typeof key !== 'function' && (typeof key !== 'string' || key === '')) {
    return `.key is ${shown(key)}; it must be a non-empty text, or a function of the input that gives one`;
  }
  if (!isOneOf(POLICIES, policy)) return `.policy is ${shown(policy)}; it must be ${listed(POLICIES)}`;
  if (span !== undefined && !isOneOf(SPANS, span)) {
    return `.while is ${shown(span)}; it must be ${listed(SPANS)}`;
  }
  const windowMs = window === undefined ? undefined : (readDuration(window) ?? 0);
  if (windowMs === 0) {
    return `.window is ${shown(window)}; it must be milliseconds, more than 0, or a text such as '10s'`;
  }
  const mismatch = mismatchOf(policy, span, windowMs);
  if (mismatch !== undefined) return mismatch;
  return { key: key as ResolvedUnique['key'], policy, while: span ?? 'unended', windowMs };
}

/** Options that are good by themselves, but not together. */
function mismatchOf(
  policy: UniquePolicy,
  span: UniqueWhile | undefined,
  windowMs: number | undefined,
): string | undefined {
  const timed = policy === 'debounce' || policy === 'throttle';
  if (timed && windowMs === undefined) return `.policy is "${policy}", which needs a window: add window: '10s'`;
  if (timed && span !== undefined) {
    return `.while has no meaning with the policy "${policy}", which goes by the window: leave while out`;
  }
  if (policy !== 'replace') return undefined;
  if (windowMs !== undefined) {
    return '.window has no meaning with the policy "replace": leave it out, or have the task wait with "debounce"';
  }
  if (span !== 'running') return undefined;
  return '.while is "running", but the policy "replace" is for tasks that wait: use "keep", or leave while out';
}

function isOneOf<T extends string>(texts: readonly T[], value: unknown): value is T {
  return (texts as readonly unknown[]).includes(value);
}

function listed(texts: readonly string[]): string {
  return `${texts
    .slice(0, -1)
    .map((text) => `'${text}'`)
    .join(', ')} or '${texts.at(-1)}'`;
}

import { type Duration, readDuration } from '../task/duration';
import { type Limit, NO_LIMIT, type Rate, type TaskLimits } from '../task/limit';
import { suggestName } from '../task/nearest-name';
import { shown } from '../task/shown';

/**
 * So many starts a time, spread evenly: after a pause `max` at once, then one each `per / max`. So within one `per` that follows a pause
 * up to twice `max` less one begin; halve it where another program's quota is not to be exceeded.
 */
export interface RateOptions {
  /** 1 or more. */
  readonly max: number;
  readonly per: Duration;
}

export interface Bounds {
  /** Runs at a time, in all workers together. Default: any number. */
  readonly concurrency?: number;
  /** How often a run may begin. Default: any number of times. */
  readonly rate?: RateOptions;
}

/** What the workers of a cluster keep to together. */
export interface LimitOptions extends Bounds {
  /** Of the validated input: tasks with the same key wait in one lane, and the lanes take turns. Default: one lane. */
  readonly key?: (input: never) => string;
  /** The bounds of each key, beside those of all. Default: none. */
  readonly perKey?: Bounds;
}

export interface ResolvedLimit {
  readonly limits: TaskLimits;
  readonly keyOf: (input: object) => unknown;
}

/** What is wrong with the option, completing its name; or what it means. */
export function readLimitOption(value: unknown): ResolvedLimit | string {
  if (!isOptions(value)) return " must be an object, such as { concurrency: 5 } or { rate: { max: 10, per: '1s' } }";
  const { key = () => '', perKey = {}, ...bounds } = value as LimitOptions;
  const total = readBounds(bounds, ['concurrency', 'rate', 'key', 'perKey']);
  if (typeof total === 'string') return total;
  if (typeof key !== 'function') {
    return `.key is ${shown(key)}; it must be a function of the input, such as (input) => input.tenant`;
  }
  if (!isOptions(perKey)) return '.perKey must be an object, such as { concurrency: 1 }';
  const ofKey = readBounds(perKey, ['concurrency', 'rate']);
  if (typeof ofKey === 'string') return `.perKey${ofKey}`;
  if (value.perKey !== undefined && value.key === undefined) {
    return '.perKey needs a key: give a function of the input, such as key: (input) => input.tenant';
  }
  if ([total, ofKey].every(isEmpty)) return ' bounds nothing; give concurrency or rate, of all or perKey';
  return { limits: { total, perKey: ofKey }, keyOf: key as (input: object) => unknown };
}

/** What is wrong with the bounds, completing their name; or the limit that they are. */
export function readBounds(
  given: Readonly<Record<string, unknown>> | Bounds,
  known: readonly string[],
): Limit | string {
  const { concurrency = Number.POSITIVE_INFINITY, rate, ...unknown } = given as Bounds;
  const [stray] = Object.keys(unknown).filter((name) => !known.includes(name));
  if (stray !== undefined) return `.${stray} is not known, ${suggestName(stray, known)}`;
  if (concurrency !== Number.POSITIVE_INFINITY && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    return `.concurrency is ${shown(concurrency)}; it must be a whole number, 1 or more`;
  }
  if (rate === undefined) return { ...NO_LIMIT, concurrency };
  const read = readRate(rate);
  return typeof read === 'string' ? `.rate${read}` : { concurrency, rate: read };
}

function readRate(rate: unknown): Rate | string {
  if (!isOptions(rate)) return " must be an object, such as { max: 10, per: '1s' }";
  const { max, per, ...unknown } = rate;
  const [stray] = Object.keys(unknown);
  if (stray !== undefined) return `.${stray} is not known, ${suggestName(stray, ['max', 'per'])}`;
  if (!(Number.isInteger(max) && (max as number) >= 1)) {
    return `.max is ${shown(max)}; it must be a whole number, 1 or more`;
  }
  const perMs = readDuration(per);
  if (perMs === undefined || perMs <= 0) {
    return `.per is ${shown(per)}; it must be milliseconds, more than 0, or a text such as '1s'`;
  }
  return { max: max as number, perMs };
}

function isOptions(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty({ concurrency, rate }: Limit): boolean {
  return concurrency === Number.POSITIVE_INFINITY && rate === undefined;
}

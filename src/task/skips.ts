/** The name of a queue, empty for the default one -> how many places there are to have no effect. */
export type Skips = ReadonlyMap<string, number>;

/**
 * Reads the field `skip`: a number where all of them are in the default queue, else an object in JSON. What is neither counts as one
 * place.
 */
export function parseSkips(text: string | undefined): Skips {
  if (text === undefined) return new Map();
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return new Map([['', atLeastOne(value)]]);
  return new Map(Object.entries(value).map(([queue, count]) => [queue, atLeastOne(count)]));
}

/** The field with one place more, or less, of a queue; undefined where none is left. */
export function changeSkips(text: string | undefined, queue: string, change: 1 | -1): string | undefined {
  const skips = new Map(parseSkips(text));
  skips.set(queue, (skips.get(queue) ?? 0) + change);
  const left = [...skips].filter(([, count]) => count > 0);
  if (left.length === 0) return undefined;
  const [[first, count] = ['', 0]] = left;
  return left.length === 1 && first === '' ? String(count) : JSON.stringify(Object.fromEntries(left));
}

/**
 * The queue whose place is used up when one of a queue is met; undefined: that one is not to be skipped.
 * @param of The queue that the task belongs to; undefined where there is only what is left of it.
 */
export function skippedQueue(skips: Skips, met: string, of: string | undefined): string | undefined {
  if (skips.has(met)) return met;
  // Pushed by hand into a queue that is not its own: which one the stop has meant cannot be told.
  return of === met ? undefined : skips.keys().next().value;
}

export function sumOfSkips(text: string | undefined): number {
  return [...parseSkips(text).values()].reduce((sum, count) => sum + count, 0);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function atLeastOne(count: unknown): number {
  return typeof count === 'number' && count > 1 ? count : 1;
}

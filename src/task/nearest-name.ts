import { closest, distance } from 'fastest-levenshtein';

/**
 * The known name that was probably meant.
 * @returns undefined where none is near: more than two letters in five would have to change.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  // Letter case is the commonest slip, and would count as a change for each letter.
  const lowered = name.toLowerCase();
  const best = closest(
    lowered,
    known.map((candidate) => candidate.toLowerCase()),
  );
  const candidate = known.find((one) => one.toLowerCase() === best);
  const length = Math.max(name.length, best.length);
  return distance(lowered, best) <= length * 0.4 ? candidate : undefined;
}

/** A message with a full stop at its end, unless it has an end already. */
export function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

/** The end of a message about an unknown name: `did you mean "concurrency"?`, or the list of known names. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  return known.length === 0 ? 'none is known here.' : `known are: ${known.join(', ')}.`;
}

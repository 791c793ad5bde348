/** The queue that plain producers push into: the list that `names.newQueue` names. */
export const DEFAULT_QUEUE = 'default';

const MOST_CHARACTERS = 100;

/**
 * What is wrong with the name of a queue, to go on after it; undefined for a usable one. It becomes part of a key's name.
 */
export function queueMistake(name: unknown): string | undefined {
  if (typeof name === 'string' && name.length <= MOST_CHARACTERS && /^[\w.-]+$/.test(name)) return undefined;
  const shown = (JSON.stringify(name) ?? String(name)).slice(0, MOST_CHARACTERS);
  return ` is ${shown}; the name of a queue has 1 to ${MOST_CHARACTERS} letters, digits, ".", "_" or "-", such as 'mail'`;
}

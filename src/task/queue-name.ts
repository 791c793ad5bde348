import { shown } from './shown';

/** The queue that plain producers push into: the list that `names.newQueue` names. */
export const DEFAULT_QUEUE = 'default';

const MOST_CHARACTERS = 100;
/** What stands beside a queue: where `names.newQueue` brings its own hash tag, a queue of this name would have the same key. */
const TAKEN = new Set([
  ...[
    'queues',
    'paused',
    'prioritized',
    'levels',
    'workers',
    'delayed',
    'wake',
    'laned',
    'holders',
    'rate',
    'replicated',
  ],
  'schedules',
]);

/**
 * What is wrong with the name of a queue, to go on after it; undefined for a usable one. It becomes part of a key's name.
 */
export function queueMistake(name: unknown): string | undefined {
  if (TAKEN.has(name as string))
    return ` is "${name}", which names a key beside every queue: take another one, such as '${name}-tasks'`;
  if (typeof name === 'string' && name.length <= MOST_CHARACTERS && /^[\w.-]+$/.test(name)) return undefined;
  return ` is ${shown(name, MOST_CHARACTERS)}; the name of a queue has 1 to ${MOST_CHARACTERS} letters, digits, ".", "_" or "-", such as 'mail'`;
}

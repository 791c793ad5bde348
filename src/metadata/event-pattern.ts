/** Which events a hook is called for; `*` stands for any. */
export interface EventPattern {
  /** A task's name, or `*`. */
  readonly task: string;
  /** An event's name, or `*`. */
  readonly event: string;
}

/** A pattern, or why there can be no such event. */
export type ParsedPattern = EventPattern | { readonly mistake: string };

/**
 * Reads `task:event`, either side of which may be `*`, or `*` alone.
 * @param ownTask Set on a task class, whose hooks hear its own runs alone: a pattern may then be the event alone.
 */
export function parseEventPattern(text: unknown, ownTask?: string): ParsedPattern {
  if (typeof text !== 'string' || text.trim() === '') return { mistake: 'the pattern must be a non-empty text' };
  if (text === '*') return { task: ownTask ?? '*', event: '*' };
  const colon = text.indexOf(':');
  if (colon < 0 && ownTask === undefined) {
    return { mistake: `a listener hears all tasks: write "*:${text}", or "<task>:${text}" for one task` };
  }
  const task = colon < 0 ? (ownTask ?? '*') : text.slice(0, colon);
  const event = text.slice(colon + 1);
  const mistake = sideMistake('task', task) ?? sideMistake('event', event);
  if (mistake !== undefined) return { mistake };
  if (ownTask !== undefined && task !== ownTask) {
    return {
      mistake: `a task class hears its own runs alone: write "${event}", or move the method to a listener class`,
    };
  }
  return { task, event };
}

/** Whether an event of a task is meant by the pattern. */
export function matches(pattern: EventPattern, taskName: string | undefined, event: string): boolean {
  return (pattern.task === '*' || pattern.task === taskName) && (pattern.event === '*' || pattern.event === event);
}

function sideMistake(side: keyof EventPattern, text: string): string | undefined {
  if (text === '') return `the ${side} before or after ":" is empty: write "*" for any`;
  if (text === '*') return undefined;
  if (text.includes('*')) return `"*" stands for a whole ${side}, not for a part of "${text}"`;
  // An event of a foreign program may hold a space within; no name begins or ends with one.
  if (text !== text.trim() || (side === 'task' && /\s/.test(text))) return `"${text}" holds a space`;
  return undefined;
}

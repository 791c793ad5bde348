import type { ValidationError } from 'class-validator';
import type { Violation } from '../errors';

export const UNKNOWN_PROPERTY = 'unknown property';

const MAX_MESSAGE_CHARS = 300;
const MAX_PATH_CHARS = 200;
const MAX_VIOLATIONS = 100;

/** What class-validator's own messages go on with after the property's name. */
const DEFAULT_MESSAGE = /^(each value in )?(?:nested property )?(.*?) (?=(?:must|should|is) )/s;

/** class-validator's tree of errors as a flat list, one entry for each constraint that failed. */
export function toViolations(errors: readonly ValidationError[], parent = ''): Violation[] {
  return errors.flatMap(({ property, constraints, children }) => {
    const path = joinPath(parent, property);
    const own = Object.entries(constraints ?? {}).map(([constraint, message]) => ({
      path,
      message: constraint === 'whitelistValidation' ? UNKNOWN_PROPERTY : withoutName(message, property),
    }));
    return [...own, ...toViolations(children ?? [], path)];
  });
}

/** Drops what is said twice, and keeps the whole short enough to be logged, stored and read. */
export function boundViolations(violations: readonly Violation[]): Violation[] {
  const unique = new Map<string, Violation>();
  for (const { path, message } of violations) {
    const short = { path: cut(path, MAX_PATH_CHARS), message: cut(message, MAX_MESSAGE_CHARS) };
    unique.set(`${short.path}\n${short.message}`, short);
  }
  const all = [...unique.values()];
  if (all.length <= MAX_VIOLATIONS) return all;
  const more = { path: '', message: `and ${all.length - MAX_VIOLATIONS} more violations` };
  return [...all.slice(0, MAX_VIOLATIONS), more];
}

export function joinPath(parent: string, key: string | number): string {
  return parent === '' ? String(key) : `${parent}.${key}`;
}

/** `timeoutMs must be …` becomes `must be …`, as the path names the property; a message of the user's own stays. */
function withoutName(message: string, property: string): string {
  const [head, each = '', name] = DEFAULT_MESSAGE.exec(message) ?? [];
  if (head === undefined || name !== property) return message;
  return each === '' ? message.slice(head.length) : `each value ${message.slice(head.length)}`;
}

function cut(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars)}…`;
}

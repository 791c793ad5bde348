import { recordMark } from '../metadata/marks';

/**
 * Has a method called, with a `TaskEvent`, for the events of a pattern. On a task class, events of its own runs:
 * `'success'`, `'*'`. On a listener class, events of all tasks: `'probe:success'`, `'probe:*'`, `'*:exception'`, `'*'`.
 */
export function OnEvent(
  ...pattern: [pattern: string]
): (target: object, method: string | symbol, descriptor: PropertyDescriptor) => void {
  const [target, member, position] = pattern as readonly unknown[];
  if (pattern.length > 1) recordMark('OnEvent', undefined, target as object, member, position);
  return (...place) => recordMark('OnEvent', pattern, ...place);
}

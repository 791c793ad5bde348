import { DeclarationError } from '../errors';
import { recordConstructor } from './constructor-parameters';
import { type EventPattern, matches, parseEventPattern } from './event-pattern';
import { describePlace, type Mark, marksOf } from './marks';
import { type AnyClass, className } from './reflection';

/** A method to call for the events of a pattern. */
export interface Hook {
  readonly pattern: EventPattern;
  readonly method: string | symbol;
}

/**
 * The hooks of a listener class, its parents' first.
 * @throws {DeclarationError} No class, no hook at all, a hook that can never be called, or a constructor parameter
 * that cannot be injected.
 */
export function listenerHooks(listenerClass: AnyClass): readonly Hook[] {
  if (typeof listenerClass !== 'function') {
    throw new DeclarationError(`A listener must be a class, not ${className(listenerClass)}.`);
  }
  const hooks = readHooks(listenerClass);
  if (hooks.length === 0) {
    throw new DeclarationError(
      `Listener ${className(listenerClass)} hears nothing: put @OnEvent('<task>:<event>') on one of its methods.`,
    );
  }
  recordConstructor(listenerClass);
  return hooks;
}

/**
 * The hooks of a task class (`ownTask` is its name) or of a listener class. A method that a subclass marks anew
 * has the subclass's patterns alone; one that it merely overrides keeps its parent's.
 * @throws {DeclarationError} A hook that can never be called.
 */
export function readHooks(target: AnyClass, ownTask?: string): readonly Hook[] {
  const decided = new Set<string | symbol>();
  const perClass: Hook[][] = [];
  for (const marks of marksOf(target, 'OnEvent')) {
    const hooks = marks.map((mark) => readHook(mark, ownTask)).filter(({ method }) => !decided.has(method));
    for (const { method } of hooks) decided.add(method);
    perClass.unshift(hooks);
  }
  return perClass.flat();
}

/** Whether there is a method to call for an event: mostly there is none. */
export function isHeard(hooks: readonly Hook[], taskName: string | undefined, event: string): boolean {
  return hooks.some(({ pattern }) => matches(pattern, taskName, event));
}

/** The methods to call for an event, each once. */
export function hookMethods(
  hooks: readonly Hook[],
  taskName: string | undefined,
  event: string,
): readonly (string | symbol)[] {
  const methods = hooks.filter(({ pattern }) => matches(pattern, taskName, event)).map(({ method }) => method);
  return methods.length > 1 ? [...new Set(methods)] : methods;
}

function readHook({ place, args }: Mark, ownTask: string | undefined): Hook {
  const where = describePlace(place);
  if (args === undefined) {
    throw new DeclarationError(`@OnEvent on ${where} is not called: write @OnEvent('success').`);
  }
  if (place.isStatic || place.kind !== 'method' || place.member === undefined) {
    throw new DeclarationError(`@OnEvent on ${where} can't be called: put it on a method of the instance.`);
  }
  const pattern = parseEventPattern(args[0], ownTask);
  if ('mistake' in pattern) {
    throw new DeclarationError(`@OnEvent(${JSON.stringify(args[0])}) on ${where}: ${pattern.mistake}.`);
  }
  return { pattern, method: place.member };
}

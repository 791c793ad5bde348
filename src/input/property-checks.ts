import type { Violation } from '../errors';
import { nestedShapes } from '../metadata/dto';
import { joinPath, UNKNOWN_PROPERTY } from './violations';

/** Deeper than any sensible input, and far from where recursion overflows the stack. */
export const MAX_DEPTH = 100;

/**
 * Takes out, at every depth, keys that every object inherits (`__proto__`, `constructor`, `toString`): the libraries
 * would trip over them or pass them by.
 * @param value Fresh from `JSON.parse`; it is changed.
 * @returns False when the value is nested too deep to be looked at.
 */
export function removeInheritedKeys(value: object, found: Violation[], path = '', depth = 1): boolean {
  if (depth > MAX_DEPTH) return false;
  const object = value as Record<string, unknown>;
  // A list's positions are its keys; they are numbers, which no object inherits.
  const isList = Array.isArray(value);
  for (const key of Object.keys(object)) {
    const child = object[key];
    if (!isList && key in Object.prototype) {
      delete object[key];
      found.push({ path: joinPath(path, key), message: UNKNOWN_PROPERTY });
    } else if (isObject(child) && !removeInheritedKeys(child, found, joinPath(path, key), depth + 1)) {
      return false;
    }
  }
  return true;
}

/**
 * What the libraries let pass: a key of the name of a method or a getter is dropped without a word, and an array is
 * taken for a nested object and the other way round.
 * @param plain What `instance` was made of.
 */
export function checkProperties(plain: unknown, instance: unknown, found: Violation[], path = ''): void {
  if (!isObject(plain) || !isObject(instance)) return;
  if (Array.isArray(plain)) {
    if (!Array.isArray(instance)) return;
    for (let index = 0; index < plain.length; index++) {
      if (isObject(plain[index])) checkProperties(plain[index], instance[index], found, joinPath(path, index));
    }
    return;
  }
  checkShapes(instance, found, path);
  for (const key of Object.keys(plain)) {
    if (key in instance && !Object.hasOwn(instance, key) && !hasSetter(instance, key)) {
      found.push({ path: joinPath(path, key), message: UNKNOWN_PROPERTY });
    } else if (isObject(plain[key])) {
      checkProperties(plain[key], instance[key], found, joinPath(path, key));
    }
  }
}

function checkShapes(instance: Record<string, unknown>, found: Violation[], path: string): void {
  for (const [property, shape] of nestedShapes(instance.constructor)) {
    const value = instance[property];
    if (!isObject(value)) continue;
    const isList = Array.isArray(value) || value instanceof Set;
    if (isList !== (shape === 'array')) found.push({ path: joinPath(path, property), message: `must be an ${shape}` });
  }
}

function hasSetter(instance: object, key: string): boolean {
  for (let owner: unknown = instance; isObject(owner); owner = Object.getPrototypeOf(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, key);
    if (descriptor !== undefined) return descriptor.set !== undefined;
  }
  return false;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

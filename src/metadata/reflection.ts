// Before tsyringe, which refuses to load without it; whoever decorates takes tsyringe's decorators from here.
import 'reflect-metadata';

export { container, inject, injectable, Lifecycle } from 'tsyringe';

/** Any class, concrete or abstract: what a decorator may stand in. */
export type AnyClass = abstract new (...args: never[]) => object;

/** A class whose instances can be made without arguments: an input. */
export type DtoClass<T extends object = object> = new () => T;

/** Types that a compiler emits in place of one that exists at compile time only, or that name no class of the user's. */
const UNREADABLE: ReadonlySet<unknown> = new Set([
  Object,
  Function,
  String,
  Number,
  Boolean,
  Symbol,
  BigInt,
  Array,
  Map,
  Set,
  Date,
  Promise,
]);

/** What was recorded on this class itself, not on its parents. */
export function ownMetadata<T>(key: string | symbol, target: AnyClass): T | undefined {
  return Reflect.getOwnMetadata(key, target) as T | undefined;
}

export function defineMetadata<T>(key: string | symbol, value: T, target: AnyClass): void {
  Reflect.defineMetadata(key, value, target);
}

/** The emitted types of a method's parameters; undefined where the build emits none. */
export function parameterTypes(owner: AnyClass, method: string | symbol): readonly unknown[] | undefined {
  return Reflect.getOwnMetadata('design:paramtypes', owner.prototype, method) as unknown[] | undefined;
}

/** The emitted type of a property, in a list of one; undefined where the build emits none. */
export function propertyTypes(owner: AnyClass, property: string | symbol): readonly unknown[] | undefined {
  if (!Reflect.hasOwnMetadata('design:type', owner.prototype, property)) return undefined;
  return [Reflect.getOwnMetadata('design:type', owner.prototype, property)];
}

/** A class of the user's, rather than what stands in for a type that is gone at run time. */
export function isReadableClass(type: unknown): type is AnyClass {
  return typeof type === 'function' && !UNREADABLE.has(type);
}

/** The class, then its parents, nearest first. */
export function classChain(start: AnyClass): AnyClass[] {
  const chain: AnyClass[] = [];
  let current: unknown = start;
  while (typeof current === 'function' && current !== Function.prototype) {
    chain.push(current as AnyClass);
    current = Object.getPrototypeOf(current);
  }
  return chain;
}

/** For messages. */
export function className(target: unknown): string {
  if (typeof target === 'function') return target.name === '' ? '(anonymous class)' : target.name;
  return target === null ? 'null' : typeof target === 'object' ? 'an object' : String(target);
}

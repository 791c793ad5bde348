import { DeclarationError } from '../errors';
import {
  type AnyClass,
  classChain,
  className,
  defineMetadata,
  injectable,
  isReadableClass,
  ownMetadata,
} from './reflection';

const TYPES = 'design:paramtypes';
/** Where tsyringe's `inject` leaves its tokens: parameter index -> token. */
const TOKENS = 'injectionTokens';

/**
 * Records how the container makes instances of a class. A class without a constructor of its own takes its parent's.
 * @throws {DeclarationError} The class of a parameter cannot be read at run time.
 */
export function recordConstructor(target: AnyClass): void {
  const owner = classChain(target).find(hasOwnConstructor);
  if (owner !== undefined) {
    const parameters = readParameters(owner);
    parameters.forEach((parameter, index) => {
      assertInjectable(parameter, index, owner);
    });
    // tsyringe writes tokens into the list it finds, which may be the parent's: give each class its own.
    defineMetadata(TYPES, parameters, target);
  }
  injectable()(target as new (...args: unknown[]) => object);
}

/** What `recordConstructor` has recorded of a class: a token or a tsyringe descriptor for each parameter; undefined: nothing. */
export function constructorParameters(target: AnyClass): readonly unknown[] | undefined {
  return ownMetadata<unknown[]>(TYPES, target) ?? (target.length === 0 ? [] : undefined);
}

function hasOwnConstructor(candidate: AnyClass): boolean {
  return (
    candidate.length > 0 || ownMetadata(TYPES, candidate) !== undefined || ownMetadata(TOKENS, candidate) !== undefined
  );
}

/** A token or class for each parameter; undefined where nothing is known of it. */
function readParameters(owner: AnyClass): unknown[] {
  const types = ownMetadata<unknown[]>(TYPES, owner) ?? [];
  const tokens = ownMetadata<Record<string, unknown>>(TOKENS, owner) ?? {};
  const last = Math.max(-1, ...Object.keys(tokens).map(Number));
  const length = Math.max(owner.length, types.length, last + 1);
  return Array.from({ length }, (_, index) => tokens[index] ?? types[index]);
}

function assertInjectable(parameter: unknown, index: number, owner: AnyClass): void {
  const where = `Parameter ${index + 1} of the constructor of ${className(owner)}`;
  if (isTokenDescriptor(parameter)) {
    if (parameter.token !== undefined) return;
    throw new DeclarationError(
      `${where} has an @Inject whose token is undefined: its file is probably imported in a circle.`,
    );
  }
  if (isReadableClass(parameter)) return;
  if (ownMetadata(TYPES, owner) === undefined) {
    throw new DeclarationError(
      `${where} has no type at run time: this build emits no decorator metadata (esbuild and tsx emit none), or the class ` +
        'has no decorator. Name what to inject, @Inject(HttpClient), or put @Injectable() on the class and build it with ' +
        '"emitDecoratorMetadata".',
    );
  }
  throw new DeclarationError(
    `${where} can't be injected: its type is no class at run time (an interface, a primitive, \`import type\`, or a ` +
      'circle of imports). Import the class as a value, or name what to inject: @Inject(TOKEN).',
  );
}

function isTokenDescriptor(parameter: unknown): parameter is { readonly token: unknown } {
  return typeof parameter === 'object' && parameter !== null && 'token' in parameter;
}

import { DeclarationError } from '../errors';
import { type AnyClass, classChain, className, defineMetadata, ownMetadata } from './reflection';

/** Where a decorator of a member stands. */
export interface Place {
  readonly owner: AnyClass;
  /** undefined: the constructor. */
  readonly member: string | symbol | undefined;
  readonly isStatic: boolean;
  /** From 0; undefined where it stands on the member itself. */
  readonly parameter: number | undefined;
  readonly kind: 'parameter' | 'property' | 'accessor' | 'method';
}

/** One `@Input` or `@OnEvent`, as it was written: nothing is judged before the whole class is known. */
export interface Mark {
  readonly decorator: 'Input' | 'OnEvent';
  readonly place: Place;
  /** What stands in the brackets; undefined for a decorator used without them. */
  readonly args: readonly unknown[] | undefined;
}

const MARKS = Symbol('taskwarden.marks');

/**
 * Adds a mark to the class that the member belongs to.
 * @param position A parameter's index, or a method's descriptor.
 * @throws {DeclarationError} The build does not use `experimentalDecorators`.
 */
export function recordMark(
  decorator: Mark['decorator'],
  args: readonly unknown[] | undefined,
  target: object,
  member: unknown,
  position: unknown,
): void {
  if (typeof member === 'object' && member !== null) {
    throw new DeclarationError(
      `@${decorator} was called as a standard decorator: set "experimentalDecorators": true in the tsconfig of this build.`,
    );
  }
  const place = placeOf(target, member as string | symbol | undefined, position);
  // Copy, then define: the list must be this class's own.
  defineMetadata(MARKS, [...ownMarks(place.owner), { decorator, place, args }], place.owner);
}

/** The marks of each class in the chain, nearest first. */
export function marksOf(target: AnyClass, decorator: Mark['decorator']): readonly (readonly Mark[])[] {
  return classChain(target).map((owner) => ownMarks(owner).filter((mark) => mark.decorator === decorator));
}

/** For messages: `Probe.start, parameter 1`. */
export function describePlace({ owner, member, parameter, isStatic }: Place): string {
  const base =
    member === undefined ? `the constructor of ${className(owner)}` : `${className(owner)}.${String(member)}`;
  return `${isStatic ? 'static ' : ''}${base}${parameter === undefined ? '' : `, parameter ${parameter + 1}`}`;
}

function ownMarks(owner: AnyClass): readonly Mark[] {
  return ownMetadata<readonly Mark[]>(MARKS, owner) ?? [];
}

function placeOf(target: object, member: string | symbol | undefined, position: unknown): Place {
  const onClass = typeof target === 'function';
  const owner = (onClass ? target : target.constructor) as AnyClass;
  const parameter = typeof position === 'number' ? position : undefined;
  const descriptor = typeof position === 'object' && position !== null ? (position as PropertyDescriptor) : undefined;
  return { owner, member, isStatic: onClass && member !== undefined, parameter, kind: kindOf(parameter, descriptor) };
}

function kindOf(parameter: number | undefined, descriptor: PropertyDescriptor | undefined): Place['kind'] {
  if (parameter !== undefined) return 'parameter';
  if (descriptor === undefined) return 'property';
  return typeof descriptor.value === 'function' ? 'method' : 'accessor';
}

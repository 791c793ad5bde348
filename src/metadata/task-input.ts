import { DeclarationError } from '../errors';
import { dtoMistake } from './dto';
import { describePlace, type Mark, marksOf } from './marks';
import { type AnyClass, className, type DtoClass, isReadableClass, parameterTypes, propertyTypes } from './reflection';

/** Where a task takes its input, and of which class. */
export interface TaskInput {
  /** The property that receives it; undefined: the first parameter of `start`. */
  readonly property: string | symbol | undefined;
  readonly dto: DtoClass;
}

/**
 * The `@Input` of a task class; the nearest class of the chain that has one decides.
 * @throws {DeclarationError} Two inputs, one in a place where it cannot work, or a class that cannot be read or used.
 */
export function readInput(taskClass: AnyClass): TaskInput | undefined {
  const marks = marksOf(taskClass, 'Input').find((own) => own.length > 0) ?? [];
  for (const mark of marks) assertPlace(mark);
  const [mark, second] = marks;
  if (mark === undefined) {
    assertNoUnmarkedInput(taskClass);
    return undefined;
  }
  if (second !== undefined) {
    throw new DeclarationError(
      `${className(taskClass)} has two inputs, ${describePlace(mark.place)} and ${describePlace(second.place)}: ` +
        'remove one @Input, and put all properties into one class.',
    );
  }
  const dto = readDto(mark, taskClass);
  const mistake = dtoMistake(dto);
  if (mistake !== undefined) throw new DeclarationError(`The input of ${className(taskClass)}: ${mistake}`);
  return { property: mark.place.kind === 'property' ? mark.place.member : undefined, dto };
}

/** Without an input `start` is given the context alone: a second parameter shows that the first was to be the input. */
function assertNoUnmarkedInput(taskClass: AnyClass): void {
  const { start } = taskClass.prototype as { start?: unknown };
  if (typeof start !== 'function' || start.length < 2) return;
  throw new DeclarationError(
    `${className(taskClass)}.start has two parameters, and none is marked as the input: write start(@Input() input: …, task: TaskContext).`,
  );
}

function assertPlace({ place, args }: Mark): void {
  const where = describePlace(place);
  if (args === undefined) throw new DeclarationError(`@Input on ${where} is not called: write @Input().`);
  const { kind, member, parameter, isStatic } = place;
  const usable = !isStatic && (kind === 'property' || (kind === 'parameter' && member === 'start' && parameter === 0));
  if (!usable) {
    throw new DeclarationError(
      `@Input on ${where} can't receive the input: put it on the first parameter of start, or on a property.`,
    );
  }
}

function readDto({ place, args }: Mark, taskClass: AnyClass): DtoClass {
  const where = describePlace(place);
  const remedy = `@Input(${className(taskClass)}Input)`;
  const { owner, member } = place;
  if (args !== undefined && args.length > 0) {
    if (isReadableClass(args[0])) return args[0] as DtoClass;
    throw new DeclarationError(
      `@Input on ${where} was given ${className(args[0])}, not a class of validated properties, such as ${remedy}. ` +
        'If it is undefined, its file is probably imported in a circle.',
    );
  }
  const types = place.kind === 'property' ? propertyTypes(owner, member ?? '') : parameterTypes(owner, member ?? '');
  if (types === undefined) {
    throw new DeclarationError(
      `@Input on ${where} has no type at run time: this build emits no decorator metadata (esbuild and tsx emit none). ` +
        `Name the class: ${remedy}.`,
    );
  }
  const type = types[place.parameter ?? 0];
  if (isReadableClass(type)) return type as DtoClass;
  throw new DeclarationError(
    `@Input on ${where} has a type that is no class at run time (an interface, a union, a primitive, \`import type\`, or ` +
      `a circle of imports). Import the class as a value, or name it: ${remedy}.`,
  );
}

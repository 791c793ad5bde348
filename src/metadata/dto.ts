import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, ValidationTypes } from 'class-validator';
import { DeclarationError } from '../errors';
import { type AnyClass, className, type DtoClass, isReadableClass, propertyTypes } from './reflection';

type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/**
 * Why instances of a class can never be validated as it is written; undefined when nothing is wrong.
 * Classes of nested properties are looked into as far as their `@Type` can be read yet.
 */
export function dtoMistake(dto: DtoClass, seen: Set<unknown> = new Set()): string | undefined {
  if (seen.has(dto)) return undefined;
  seen.add(dto);
  const rules = validationRules(dto);
  for (const rule of rules) {
    if (isAsync(rule)) {
      return (
        `${className(dto)}.${rule.propertyName} has an asynchronous validator, which an input can't have: ` +
        'check it synchronously here, and the rest in start.'
      );
    }
  }
  return unvalidatedMistake(dto, rules) ?? nestedMistake(dto, rules, seen);
}

const usable = new WeakSet<DtoClass>();

/**
 * Looks once more when a class is first used: by then every class exists that a nested property names.
 * @throws {DeclarationError} No input of this class can ever be valid.
 */
export function assertUsableDto(dto: DtoClass): void {
  if (usable.has(dto)) return;
  const mistake = dtoMistake(dto);
  if (mistake !== undefined) throw new DeclarationError(mistake);
  usable.add(dto);
}

const shapesByClass = new WeakMap<object, ReadonlyMap<string, 'array' | 'object'>>();

/** For each nested property of a class whether it holds many or one, as far as its declaration tells. */
export function nestedShapes(dto: unknown): ReadonlyMap<string, 'array' | 'object'> {
  if (!isReadableClass(dto)) return NO_SHAPES;
  let shapes = shapesByClass.get(dto);
  if (shapes === undefined) {
    const entries = validationRules(dto as DtoClass)
      .filter(isNested)
      .map((rule) => [rule.propertyName, shapeOf(rule)] as const);
    shapes = new Map(entries.filter((entry): entry is [string, 'array' | 'object'] => entry[1] !== undefined));
    shapesByClass.set(dto, shapes);
  }
  return shapes;
}

const NO_SHAPES: ReadonlyMap<string, 'array' | 'object'> = new Map();

function shapeOf({ target, propertyName, each }: Rule): 'array' | 'object' | undefined {
  const [type] = propertyTypes(target as AnyClass, propertyName) ?? [];
  if (type === Map) return undefined;
  if (each || type === Array || type === Set) return 'array';
  return isReadableClass(type) ? 'object' : undefined;
}

function isNested({ type }: Rule): boolean {
  return type === ValidationTypes.NESTED_VALIDATION;
}

/** What class-validator asks of an instance of the class, inherited rules too. */
export function validationRules(dto: DtoClass): readonly Rule[] {
  return getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
}

function isAsync(rule: Rule): boolean {
  if (rule.constraintCls === undefined) return false;
  return getMetadataStorage()
    .getTargetValidatorConstraints(rule.constraintCls)
    .some(
      ({ async, instance }) => async || Object.prototype.toString.call(instance.validate) === '[object AsyncFunction]',
    );
}

/** A property without a validator counts as unknown, so that no input at all would pass. */
function unvalidatedMistake(dto: DtoClass, rules: readonly Rule[]): string | undefined {
  let instance: object;
  try {
    instance = new dto();
  } catch (error) {
    return `${className(dto)} can't be made without arguments: ${(error as Error).message}`;
  }
  const validated = new Set(rules.map(({ propertyName }) => propertyName));
  const bare = Object.keys(instance).filter((property) => !validated.has(property));
  if (bare.length === 0) return undefined;
  return (
    `${className(dto)} has properties without a validator: ${bare.join(', ')}. Give each one, such as @IsString() ` +
    '(@Allow() takes anything); what producers must not set can be a #private field.'
  );
}

function nestedMistake(dto: DtoClass, rules: readonly Rule[], seen: Set<unknown>): string | undefined {
  for (const { propertyName } of rules.filter(isNested)) {
    const nested = nestedClass(dto, propertyName);
    if (nested === undefined) continue;
    if (nested === Object) {
      return (
        `${className(dto)}.${propertyName} has @ValidateNested() but no class: ` +
        'add @Type(() => TheClass) of class-transformer.'
      );
    }
    const mistake = isReadableClass(nested) ? dtoMistake(nested as DtoClass, seen) : undefined;
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

/** What class-transformer makes of an object in this property: tried, as its own records are not public. */
function nestedClass(dto: DtoClass, property: string): unknown {
  const tried = [{}, [{}]].map((sample) => {
    try {
      const made: unknown = plainToInstance(dto, { [property]: sample })[property as never];
      const value: unknown = Array.isArray(made) ? made[0] : made;
      return typeof value === 'object' && value !== null ? value.constructor : undefined;
    } catch {
      // A class declared further down in its file, or a @Transform that wants real data: it shows on first use.
      return undefined;
    }
  });
  return tried.find((one) => one !== undefined && one !== Object) ?? (tried.includes(undefined) ? undefined : Object);
}

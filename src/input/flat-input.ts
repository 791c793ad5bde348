import { getMetadataStorage, type ValidationArguments, ValidationTypes } from 'class-validator';
import { validationRules } from '../metadata/dto';
import type { DtoClass } from '../metadata/reflection';
import { isTransformed } from '../metadata/transformations';

/** Gives the instance of a plain object that is valid for sure; undefined for any other. */
export type AcceptFlat = (plain: object) => object | undefined;

interface Check {
  readonly validator: { validate(value: unknown, args: ValidationArguments): unknown };
  readonly constraints: unknown[];
  readonly each: boolean;
}

interface Property {
  readonly name: string;
  /** `@IsOptional`, `@ValidateIf`: where one says no, nothing else is looked at. */
  readonly conditions: readonly ((object: object, value: unknown) => unknown)[];
  readonly checks: readonly Check[];
}

type Rule = ReturnType<typeof validationRules>[number];

const accepts = new WeakMap<DtoClass, AcceptFlat | undefined>();

/**
 * The short way to an input, for classes of which the libraries ask no more than to copy properties and to call their
 * validators: the libraries look through their records for each object, which takes longer than a short task. It
 * calls the same validators, and accepts only: whatever it does not accept goes the long way, which knows what to say.
 * @returns Undefined for a class that has more to it: nested properties, transformations, accessors.
 */
export function flatInput(dto: DtoClass): AcceptFlat | undefined {
  if (accepts.has(dto)) return accepts.get(dto);
  const properties = readProperties(dto);
  const accept = properties && ((plain: object) => acceptFlat(dto, properties, plain));
  accepts.set(dto, accept);
  return accept;
}

function acceptFlat(dto: DtoClass, properties: ReadonlyMap<string, Property>, plain: object): object | undefined {
  try {
    const instance = new dto() as Record<string, unknown>;
    if (Object.getPrototypeOf(instance) !== dto.prototype) return undefined;
    for (const key of Object.keys(plain)) {
      const value = (plain as Record<string, unknown>)[key];
      // class-transformer sets no property that holds a function.
      if (!properties.has(key) || !isFlat(value) || typeof instance[key] === 'function') return undefined;
      instance[key] = value;
    }
    for (const key of Object.keys(instance)) if (!properties.has(key)) return undefined;
    for (const property of properties.values()) if (!isValid(instance, property, dto.name)) return undefined;
    return instance;
  } catch {
    // Code of the class threw: on the long way it does so again, and is told of.
    return undefined;
  }
}

function isValid(instance: Record<string, unknown>, property: Property, targetName: string): boolean {
  const { name, conditions, checks } = property;
  const value = instance[name];
  for (const condition of conditions) if (!condition(instance, value)) return true;
  for (const { validator, constraints, each } of checks) {
    const args = { targetName, property: name, object: instance, value, constraints };
    if (!each || !Array.isArray(value)) {
      if (value instanceof Set || value instanceof Map || validator.validate(value, args) !== true) return false;
    } else if (!value.every((one) => validator.validate(one, args) === true)) return false;
  }
  return true;
}

/** What class-transformer copies as it is: not an object, whose class and depth it would look into. */
function isFlat(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isPrimitive) : isPrimitive(value);
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function readProperties(dto: DtoClass): ReadonlyMap<string, Property> | undefined {
  const rules = validationRules(dto);
  const names = [...new Set(rules.map((rule) => rule.propertyName))];
  if (dto.prototype?.constructor !== dto || isTransformed(dto, names)) return undefined;
  const properties = new Map<string, Property>();
  for (const name of names) {
    // A method, a getter, or what every object inherits.
    if (name in dto.prototype || name in Object.prototype) return undefined;
    const property = readProperty(
      name,
      rules.filter((rule) => rule.propertyName === name),
    );
    if (!property) return undefined;
    properties.set(name, property);
  }
  return properties;
}

function readProperty(name: string, rules: readonly Rule[]): Property | undefined {
  const conditions: Property['conditions'][number][] = [];
  const checks: Check[] = [];
  for (const rule of rules) {
    if (rule.validateIf) return undefined;
    switch (rule.type) {
      case ValidationTypes.WHITELIST:
        break;
      case ValidationTypes.CONDITIONAL_VALIDATION:
        conditions.push(rule.constraints[0]);
        break;
      case ValidationTypes.IS_DEFINED:
      case ValidationTypes.CUSTOM_VALIDATION: {
        for (const constraint of getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls)) {
          if (constraint.async) return undefined;
          checks.push({ validator: constraint.instance, constraints: rule.constraints, each: Boolean(rule.each) });
        }
        break;
      }
      default:
        return undefined;
    }
  }
  return { name, conditions, checks };
}

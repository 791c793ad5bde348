import { Exclude, Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  Contains,
  Equals,
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsEmpty,
  IsEnum,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  registerDecorator,
  Validate,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
} from 'class-validator';
import type { DtoClass } from '../../src/metadata/reflection';

@ValidatorConstraint()
class IsEven {
  validate(value: unknown): boolean {
    return typeof value === 'number' && value % 2 === 0;
  }
}

@ValidatorConstraint()
class Throws {
  validate(): boolean {
    throw new RangeError('of the validator');
  }
}

/** Truthy, but not true: the short way leaves it to the long one. */
const IsTruthy = () => ValidateBy({ name: 'isTruthy', validator: { validate: (value) => value as boolean } });

const SameAs = (other: string) => (target: object, propertyName: string) =>
  registerDecorator({
    name: 'sameAs',
    target: target.constructor,
    propertyName,
    validator: { validate: (value, args) => value === Reflect.get(args?.object ?? {}, other) },
  });

type Decorate = () => PropertyDecorator;

/** Decorators that a value can satisfy together, and such values: random ones hardly ever fit. */
const KINDS: readonly { readonly decorators: readonly Decorate[]; readonly values: readonly unknown[] }[] = [
  {
    decorators: [
      () => IsString(),
      () => Length(1, 3),
      () => MaxLength(2),
      () => Matches(/^[a-c]+$/),
      () => Contains('a'),
      () => Equals('ab'),
      () => IsNotEmpty(),
      () => IsIn(['ab', 3, null]),
      () => IsEnum({ One: 1, Two: 'ab' }),
      () => IsDefined(),
      IsTruthy,
    ],
    values: ['ab', 'ab', 'ab', 'a'],
  },
  {
    decorators: [
      () => IsInt(),
      () => IsNumber(),
      () => Min(1),
      () => Max(5),
      () => IsInt({ always: true }),
      () => IsInt({ groups: ['one'] }),
      () => IsInt({ message: 'of my own', context: { any: 'thing' } }),
      () => Validate(IsEven),
    ],
    values: [2, 4, 2, 3],
  },
  { decorators: [() => IsBoolean(), () => Allow()], values: [true, false] },
  { decorators: [() => IsEmail()], values: ['a@example.com'] },
  { decorators: [() => IsUrl()], values: ['https://example.com'] },
  { decorators: [() => IsUUID()], values: ['6b1c9f0e-4c0e-4b0a-9f0e-1c9f0e4c0e4b'] },
  { decorators: [() => IsEmpty()], values: [null, ''] },
  { decorators: [() => IsObject()], values: [{}, { a: 1 }] },
  {
    decorators: [
      () => IsArray(),
      () => ArrayMaxSize(2),
      () => IsString({ each: true }),
      () => MaxLength(2, { each: true }),
    ],
    values: [[], ['ab', 'b'], ['a']],
  },
  { decorators: [() => IsInt({ each: true }), () => Min(2, { each: true })], values: [[2, 3], 3, []] },
];

/** What may stand on a property of any kind. */
const OTHERS: readonly Decorate[] = [
  () => IsOptional(),
  () => IsOptional(),
  () => IsOptional(),
  () => ValidateIf((object: Record<string, unknown>) => object.a !== 'ab'),
  () => IsInt({ validateIf: (_object, value) => value === 3 }),
  () => Validate(Throws),
  () => SameAs('b') as PropertyDecorator,
  () => Type(() => Date),
  () => Transform(({ value }) => (value === 'ab' ? 3 : value)),
  () => Expose(),
  () => Exclude(),
  () => ValidateNested(),
];

export const VALUES: readonly unknown[] = [
  'ab',
  'abcd',
  '',
  3,
  0,
  -1,
  2.5,
  true,
  false,
  null,
  [],
  ['ab', 'b'],
  [3, 4],
  [1, 'ab', null],
  [[1]],
  [{}],
  {},
  { a: 1 },
  'a@example.com',
  'https://example.com',
  '6b1c9f0e-4c0e-4b0a-9f0e-1c9f0e4c0e4b',
  '2026-11-24T00:00:00Z',
];
const DEFAULTS: readonly unknown[] = [
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  'ab',
  3,
  null,
  [],
  new Set([1]),
  new Date(0),
  () => 1,
];
export const KEYS = ['a', 'b', 'c', 'd', 'toString', '__proto__', 'constructor', 'then', '0'];

/** Numbers from 0 up to 1, the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Pick = <T>(from: readonly T[]) => T;

export interface Made {
  readonly dto: DtoClass;
  /** For each property what may fit. */
  readonly fitting: ReadonlyMap<string, readonly unknown[]>;
}

/** A class with validators by chance, which may have a parent. */
export function makeClass(random: () => number, pick: Pick, parent: Made | undefined): Made {
  const initial = ['a', 'b', 'c'].map((key) => [key, random() < 0.1 ? pick(DEFAULTS) : undefined] as const);
  const dto = class extends (parent?.dto ?? Object) {
    constructor() {
      super();
      for (const [key, value] of initial) if (value !== undefined) (this as Record<string, unknown>)[key] = value;
    }
  };
  const fitting = new Map(parent?.fitting);
  for (const key of ['a', 'b', 'c', ...(random() < 0.1 ? ['then', '0'] : [])]) {
    const { decorators, values } = pick(KINDS);
    for (let n = pick([1, 2, 3]); n > 0; n--) pick(decorators)()(dto.prototype, key);
    if (random() < 0.3) pick(OTHERS)()(dto.prototype, key);
    fitting.set(key, values);
  }
  return { dto, fitting };
}

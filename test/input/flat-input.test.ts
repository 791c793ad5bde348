import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { IsDate, IsInt, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { InputError } from '../../src/errors';
import { flatInput } from '../../src/input/flat-input';
import { encodeInput, parseThoroughly } from '../../src/input/parse-input';
import type { DtoClass } from '../../src/metadata/reflection';
import { KEYS, type Made, makeClass, type Pick, seeded, VALUES } from './made-classes';

function thoroughly(dto: DtoClass, data: string): object | InputError {
  try {
    return parseThoroughly({ name: 'made', input: { property: undefined, dto } }, dto, JSON.parse(data));
  } catch (error) {
    return error as InputError;
  }
}

describe('the short way to an input', () => {
  test('accepts nothing that the long way refuses, and gives what it gives', () => {
    const random = seeded(7);
    const pick: Pick = (from) => from[Math.floor(random() * from.length)] as (typeof from)[number];
    const count = { classes: 0, flat: 0, valid: 0, accepted: 0 };
    let last: Made | undefined;
    for (let n = 0; n < 400; n++) {
      last = makeClass(random, pick, random() < 0.3 ? last : undefined);
      const { dto, fitting } = last;
      const accept = flatInput(dto);
      count.classes += 1;
      if (!accept) continue;
      count.flat += 1;
      for (let m = 0; m < 30; m++) {
        const keys = KEYS.filter((key) => random() < (fitting.has(key) ? 0.8 : 0.02));
        const entries = keys.map((key) => {
          const value = random() < 0.9 ? pick(fitting.get(key) ?? VALUES) : pick(VALUES);
          return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
        });
        const data = `{${entries.join(',')}}`;
        const expected = thoroughly(dto, data);
        const accepted = accept(JSON.parse(data));
        if (!(expected instanceof InputError)) count.valid += 1;
        if (accepted === undefined) continue;
        count.accepted += 1;
        expect(accepted).toStrictEqual(expected);
        expect(Object.keys(accepted)).toEqual(Object.keys(expected));
      }
    }
    // Not in vain: a good part of what is valid went the short way.
    expect(count.flat).toBeGreaterThan(count.classes / 5);
    expect(count.accepted).toBeGreaterThan(1_000);
    expect(count.accepted).toBeGreaterThan(count.valid / 2);
  });

  class Flat {
    @IsString() text!: string;
    @IsOptional() @IsInt() @Min(1) times?: number = 1;
    @IsOptional() @IsString({ each: true }) tags?: string[];
  }

  test('is taken by a usual input', () => {
    const made = flatInput(Flat)?.({ text: 'a', tags: ['b'] });
    expect(made).toBeInstanceOf(Flat);
    expect(made).toEqual({ text: 'a', times: 1, tags: ['b'] });
  });

  test.each([{ text: 1 }, {}, { text: 'a', more: 1 }, { text: 'a', tags: [{}] }, { text: 'a', times: 0 }])(
    'is not taken by %j',
    (plain) => {
      expect(flatInput(Flat)?.(plain)).toBeUndefined();
    },
  );

  class Nested {
    @ValidateNested() @Type(() => Flat) flat!: Flat;
  }
  class Dated {
    @IsDate() @Type(() => Date) due!: Date;
  }
  class Exposed {
    @Expose({ name: 'other' }) @IsString() text!: string;
  }
  class Changed {
    @Transform(({ value }) => String(value)) @IsString() text!: string;
  }
  class ChangedHeir extends Changed {}
  @Exclude()
  class Excluded {
    @IsString() text!: string;
  }
  class WithAccessor {
    @IsString()
    get text() {
      return 'a';
    }
    set text(_text: string) {}
  }

  test.each([Nested, Dated, Exposed, Changed, ChangedHeir, Excluded, WithAccessor])(
    'does not exist for a class of more than plain properties: %p',
    (dto) => {
      expect(flatInput(dto)).toBeUndefined();
    },
  );

  test('tells nothing of its own: a refused input has the violations of class-validator', () => {
    const task = { name: 'flat', input: { property: undefined, dto: Flat } };
    expect(() => encodeInput(task, { text: 1 })).toThrow('must be a string');
  });
});

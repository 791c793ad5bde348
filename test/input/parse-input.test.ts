import { Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsDate,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { InputError, type Violation } from '../../src/errors';
import { encodeInput, type InputOwner, parseInput } from '../../src/input/parse-input';
import type { Default } from '../../src/task/default';

class Address {
  @Matches(/^\d{4}$/) zip!: string;
  @IsString() country: Default<string> = 'de';
  label() {
    return this.zip;
  }
}

class None {}

class OrderInput {
  @IsInt() @Min(1) @Max(9) id: Default<number> = 1;
  @IsOptional() @IsString() note?: string;
  @IsOptional() @ValidateNested() @Type(() => Address) address?: Address;
  @ValidateNested({ each: true }) @Type(() => Address) stops: Default<Address[]> = [];
  @IsOptional() @IsDate() @Type(() => Date) due?: Date;
  @IsOptional() @IsObject() meta?: Record<string, unknown>;
  @IsOptional() @IsString({ each: true }) tags?: string[];
  @IsOptional() @ValidateNested() @Type(() => None) none?: None;

  get total() {
    return this.id;
  }
  describe() {
    return `order ${this.id}`;
  }
}

function ownerOf(dto: new () => object): InputOwner {
  return { name: 'order', input: { property: undefined, dto } };
}
const order = ownerOf(OrderInput);
const parse = (data: unknown) => parseInput(order, JSON.stringify(data)) as OrderInput;

function violations(run: () => unknown): readonly Violation[] {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error.violations;
    throw error;
  }
  return [];
}
const refused = (text: string, owner = order) => violations(() => parseInput(owner, text));

describe('a valid input', () => {
  test('becomes an instance of its class, nested ones too', () => {
    const input = parse({ id: 2, address: { zip: '1234' }, stops: [{ zip: '5678', country: 'at' }] });
    expect(input).toBeInstanceOf(OrderInput);
    expect(input.address).toBeInstanceOf(Address);
    expect(input.stops[0]).toBeInstanceOf(Address);
    expect(input.stops[0]).toEqual({ zip: '5678', country: 'at' });
    expect(input.describe()).toBe('order 2');
  });

  test('keeps the initializers of absent properties, nested ones too', () => {
    expect(parse({ address: { zip: '1234' } })).toEqual({ id: 1, stops: [], address: { zip: '1234', country: 'de' } });
  });

  test.each([undefined, '', '{}'])('is {} where the data is %p', (data) => {
    expect(parseInput(order, data)).toEqual({ id: 1, stops: [] });
  });

  test('has a Date where its class says so', () => {
    expect(parse({ due: '2030-01-02T03:04:05.000Z' }).due).toEqual(new Date(Date.UTC(2030, 0, 2, 3, 4, 5)));
  });

  test('keeps free-form objects as they are', () => {
    expect(parse({ meta: { a: [{ b: null }] } }).meta).toEqual({ a: [{ b: null }] });
  });

  test('shares nothing with the next one', () => {
    parse({}).stops.push(new Address());
    expect(parse({}).stops).toEqual([]);
  });

  test('keeps the initializer of an exposed property that is absent', () => {
    class Exposed {
      @Expose({ name: 'time_out' }) @IsInt() timeoutMs = 5;
      @Expose() @IsOptional() @IsString() note?: string;
    }
    expect(parseInput(ownerOf(Exposed), '{}')).toMatchObject({ timeoutMs: 5 });
    expect(parseInput(ownerOf(Exposed), '{"time_out":6}')).toMatchObject({ timeoutMs: 6 });
  });
});

describe('a task without input', () => {
  const owner: InputOwner = { name: 'tick', input: undefined };

  test.each([undefined, '', '{}', ' { } '])('accepts %p', (data) => {
    expect(parseInput(owner, data)).toEqual({});
  });

  test('refuses any property', () => {
    expect(refused('{"a":1}', owner)).toEqual([
      { path: '', message: expect.stringMatching(/^the task takes no input.*@Input/) },
    ]);
  });

  test('refuses what is no object', () => {
    expect(refused('[1]', owner)).toEqual([{ path: '', message: 'must be a JSON object, not an array' }]);
  });

  test('an empty class takes no properties either', () => {
    expect(parseInput(ownerOf(None), '{}')).toBeInstanceOf(None);
    expect(refused('{"a":1}', ownerOf(None))).toEqual([{ path: 'a', message: 'unknown property' }]);
  });
});

describe('data that is no JSON object', () => {
  test.each([
    ['null', 'null'],
    ['[1]', 'an array'],
    ['7', 'a number'],
    ['"x"', 'a string'],
    ['true', 'a boolean'],
  ])('%s is refused', (data, told) => {
    expect(refused(data)).toEqual([{ path: '', message: `must be a JSON object, not ${told}` }]);
  });

  test('text that is no JSON is refused with the parser’s reason', () => {
    expect(() => parseInput(order, '{"id":')).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', taskName: 'order' }),
    );
    expect(() => parseInput(order, '{"id":')).toThrow('must be JSON: Unexpected end of JSON input');
  });
});

describe('violations', () => {
  test('every one is listed, with dotted paths and without the name said twice', () => {
    const given = {
      id: 1.5,
      note: 7,
      address: { zip: 'x', country: 1 },
      stops: [{ zip: '1234' }, { zip: 'y' }],
      tags: [1],
    };
    const found = violations(() => parse(given));
    expect(found).toHaveLength(6);
    expect(found).toEqual(
      expect.arrayContaining([
        { path: 'id', message: 'must be an integer number' },
        { path: 'note', message: 'must be a string' },
        { path: 'address.zip', message: 'must match /^\\d{4}$/ regular expression' },
        { path: 'address.country', message: 'must be a string' },
        { path: 'stops.1.zip', message: 'must match /^\\d{4}$/ regular expression' },
        { path: 'tags', message: 'each value must be a string' },
      ]),
    );
  });

  test('an unknown property is refused at every depth', () => {
    const found = violations(() =>
      parse({ a: 1, address: { zip: '1234', b: 1 }, stops: [{ zip: '1234', c: 1 }], none: { d: 1 } }),
    );
    expect(found.map(({ path }) => path).sort()).toEqual(['a', 'address.b', 'none.d', 'stops.0.c']);
    expect(new Set(found.map(({ message }) => message))).toEqual(new Set(['unknown property']));
  });

  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', '\\u005f_proto__'])(
    'the key %s is unknown and harmless',
    (key) => {
      const at = (path: string) => ({ path: path + JSON.parse(`"${key}"`), message: 'unknown property' });
      const value = `{"${key}":{"polluted":true}}`;
      expect(refused(value)).toEqual([at('')]);
      expect(refused(`{"address":{"zip":"1234","${key}":1}}`)).toEqual([at('address.')]);
      expect(refused(`{"stops":[{"zip":"1234","${key}":1}]}`)).toEqual([at('stops.0.')]);
      expect(refused(`{"meta":${value}}`)).toEqual([at('meta.')]);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    },
  );

  test('the names of methods and getters are unknown properties', () => {
    expect(refused('{"describe":1,"total":2,"address":{"zip":"1234","label":"x"}}')).toEqual([
      { path: 'describe', message: 'unknown property' },
      { path: 'total', message: 'unknown property' },
      { path: 'address.label', message: 'unknown property' },
    ]);
  });

  test('null is not absent', () => {
    expect(refused('{"id":null}').map(({ path }) => path)).toContain('id');
  });

  test('a list is refused where one object belongs', () => {
    expect(refused('{"address":[]}')).toEqual([{ path: 'address', message: 'must be an object' }]);
  });

  test('an object is refused where a list belongs', () => {
    expect(refused('{"stops":{"zip":"1234"}}')).toEqual([{ path: 'stops', message: 'must be an array' }]);
  });

  test.each(['{"address":"x"}', '{"stops":[5]}', '{"stops":[null]}', '{"stops":"x"}'])('%s is refused', (data) => {
    expect(refused(data)).not.toEqual([]);
  });

  test('a date that is none is refused', () => {
    expect(refused('{"due":"tomorrow"}')).toEqual([{ path: 'due', message: 'must be a Date instance' }]);
  });

  test('a message of the user’s own is kept', () => {
    class Custom {
      @IsIn(['a'], { message: 'kind of order not offered' }) kind!: string;
    }
    expect(refused('{"kind":"b"}', ownerOf(Custom))).toEqual([{ path: 'kind', message: 'kind of order not offered' }]);
  });

  test('what is said twice is listed once', () => {
    class Twice {
      @IsArray() @ValidateNested({ each: true }) @Type(() => Address) stops!: Address[];
    }
    expect(refused('{"stops":{"zip":"1234"}}', ownerOf(Twice))).toEqual([
      { path: 'stops', message: 'must be an array' },
    ]);
  });

  test('long values and long lists are cut', () => {
    class Custom {
      @IsIn(['a'], { message: '$value is no kind' }) kind!: string;
    }
    const [violation] = refused(JSON.stringify({ kind: 'x'.repeat(100_000) }), ownerOf(Custom));
    expect(violation?.message.length).toBeLessThan(400);

    const many = refused(JSON.stringify({ stops: Array(500).fill({ zip: 'x', ['y'.repeat(10_000)]: 1 }) }));
    expect(many).toHaveLength(101);
    expect(many.at(-1)).toEqual({ path: '', message: 'and 900 more violations' });
    expect(many.every(({ path }) => path.length < 300)).toBe(true);
  });

  test('nesting that would overflow the stack is refused', () => {
    const deep = `{"meta":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_001)}`;
    expect(refused(deep)).toEqual([expect.objectContaining({ message: 'must not be nested deeper than 100 levels' })]);
  });

  test('a transformation that throws refuses the input, and the cause is kept', () => {
    const cause = new RangeError('too odd');
    class Odd {
      @Allow()
      @Transform(({ value }) => {
        if (value === 'odd') throw cause;
        return value;
      })
      kind!: string;
    }
    expect(() => parseInput(ownerOf(Odd), '{"kind":"odd"}')).toThrow(
      expect.objectContaining({ cause, violations: [{ path: '', message: 'could not be read: too odd' }] }),
    );
  });

  test('a class that only turns out to be unusable on first use is a mistake of its declaration', () => {
    class Bare {
      url = '';
    }
    expect(() => parseInput(ownerOf(Bare), '{}')).toThrow(expect.objectContaining({ code: 'DECLARATION' }));
  });
});

describe('encoding an input', () => {
  test('gives the JSON text of what was given, without defaults', () => {
    expect(encodeInput(order, { id: 2, due: new Date(0) })).toBe('{"id":2,"due":"1970-01-01T00:00:00.000Z"}');
  });

  test('nothing is {}', () => {
    expect(encodeInput(order, undefined)).toBe('{}');
  });

  test('refuses what the worker would refuse', () => {
    expect(violations(() => encodeInput(order, { id: Number.NaN })).map(({ path }) => path)).toContain('id');
    expect(violations(() => encodeInput(order, null))).toEqual([
      { path: '', message: 'must be a JSON object, not null' },
    ]);
  });

  test.each([{ id: 1n }, () => 1])('refuses what cannot be JSON', (input) => {
    expect(() => encodeInput(order, input)).toThrow(expect.objectContaining({ code: 'JSON_VALUE_INVALID' }));
  });
});

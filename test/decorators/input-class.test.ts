import { Type } from 'class-transformer';
import { IsInt, IsString, registerDecorator, Validate, ValidateNested, ValidatorConstraint } from 'class-validator';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { taskDefinition } from '../../src/metadata/task-definition';
import { expectMistake } from './declaration-mistake';

class ProbeInput {
  @IsString() url!: string;
}

describe('the class of an input', () => {
  function declare(dto: new () => object) {
    @Task('probe')
    class Probe {
      start(@Input(dto) _input: object) {}
    }
    return Probe;
  }

  test('an empty class is an input without properties', () => {
    class None {}
    expect(taskDefinition(declare(None)).input?.dto).toBe(None);
  });

  test('a class without validators but with properties is refused', () => {
    class Bare {
      url = '';
    }
    expectMistake(() => declare(Bare), 'Probe', 'Bare', 'url', '@IsString()', '@Allow()');
  });

  test('a single property without a validator is refused, as no input could ever pass', () => {
    class Half extends ProbeInput {
      declared!: string;
    }
    expectMistake(() => declare(Half), 'Half', 'without a validator: declared.');
  });

  test('validators of a parent class count', () => {
    class Child extends ProbeInput {}
    expect(taskDefinition(declare(Child)).input?.dto).toBe(Child);
  });

  test('a class that needs constructor arguments is refused', () => {
    class Needy {
      @IsString() name: string;
      constructor(source: { name: string }) {
        this.name = source.name;
      }
    }
    expectMistake(() => declare(Needy as unknown as new () => object), 'Needy', 'without arguments');
  });

  test('an asynchronous validator is refused, as it would silently pass', () => {
    const IsFree = () => (target: object, propertyName: string) =>
      registerDecorator({
        name: 'isFree',
        async: true,
        target: target.constructor,
        propertyName,
        validator: { validate: async () => false },
      });
    class Slow {
      @IsFree() name!: string;
    }
    expectMistake(() => declare(Slow), 'Slow.name', 'asynchronous validator', 'the rest in start');
  });

  test('an async method of a validator class is refused although it does not say so', () => {
    @ValidatorConstraint()
    class Free {
      async validate() {
        return false;
      }
    }
    class Slow {
      @Validate(Free) name!: string;
    }
    expectMistake(() => declare(Slow), 'Slow.name', 'asynchronous validator');
  });

  test('mistakes of a nested class are found', () => {
    class Inner {
      street = '';
    }
    class Outer {
      @ValidateNested({ each: true }) @Type(() => Inner) inner!: Inner[];
    }
    expectMistake(() => declare(Outer), 'Inner', 'street');
  });

  test('a nested property without @Type is refused', () => {
    class Outer {
      @ValidateNested() inner!: ProbeInput;
    }
    expectMistake(() => declare(Outer), 'Outer.inner', '@Type(() => TheClass)');
  });

  test('a class may nest itself', () => {
    class Node {
      @IsInt() value!: number;
      @ValidateNested({ each: true }) @Type(() => Node) children: Node[] = [];
    }
    expect(taskDefinition(declare(Node)).input?.dto).toBe(Node);
  });
});

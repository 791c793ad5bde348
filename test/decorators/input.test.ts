import { IsInt, IsString } from 'class-validator';
import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { taskDefinition } from '../../src/metadata/task-definition';
import { expectMistake, loose } from './declaration-mistake';

class ProbeInput {
  @IsString() url!: string;
}
class OtherInput {
  @IsInt() size!: number;
}
interface Shape {
  url: string;
}
const looseInput = loose(Input);
const uncalledInput = Input as unknown as (...place: unknown[]) => void;

describe('@Input', () => {
  test('on the first parameter of start it takes the class from the emitted type', () => {
    @Task('probe')
    class Probe {
      start(@Input() _input: ProbeInput, _task: unknown) {}
    }
    expect(taskDefinition(Probe).input).toEqual({ property: undefined, dto: ProbeInput });
  });

  test('on a property it takes the class from the emitted type', () => {
    @Task('probe')
    class Probe {
      @Input() given!: ProbeInput;
      start() {}
    }
    expect(taskDefinition(Probe).input).toEqual({ property: 'given', dto: ProbeInput });
  });

  test('a class that is named wins over the emitted type', () => {
    @Task('probe')
    class Probe {
      start(@Input(ProbeInput) _input: Shape) {}
    }
    expect(taskDefinition(Probe).input?.dto).toBe(ProbeInput);
  });

  test('a subclass inherits it, also where it overrides start', () => {
    @Task('parent')
    class Parent {
      start(@Input() _input: ProbeInput) {}
    }
    @Task('child')
    class Child extends Parent {
      override start(_input: ProbeInput) {}
    }
    expect(taskDefinition(Child).input?.dto).toBe(ProbeInput);
  });

  test('a subclass may declare its own, and the parent keeps its one', () => {
    @Task('parent')
    class Parent {
      start(@Input() _input: ProbeInput) {}
    }
    @Task('child')
    class Child extends Parent {
      @Input() other!: OtherInput;
    }
    expect(taskDefinition(Child).input).toEqual({ property: 'other', dto: OtherInput });
    expect(taskDefinition(Parent).input).toEqual({ property: undefined, dto: ProbeInput });
  });

  test('a start with two parameters, of which none is marked, is refused', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start(_input: ProbeInput, _task: unknown) {}
        }
        return Probe;
      },
      'Probe.start',
      '@Input()',
    );
  });

  test('two inputs are refused', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          @Input() given!: ProbeInput;
          start(@Input() _input: ProbeInput) {}
        }
        return Probe;
      },
      'Probe.given',
      'Probe.start, parameter 1',
      'remove one @Input',
    );
  });

  const place = 'put it on the first parameter of start, or on a property';

  test('it is refused on another parameter of start', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start(_first: unknown, @Input() _input: ProbeInput) {}
        }
        return Probe;
      },
      'Probe.start, parameter 2',
      place,
    );
  });

  test('it is refused on a parameter of another method', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start() {}
          check(@Input() _input: ProbeInput) {}
        }
        return Probe;
      },
      'Probe.check, parameter 1',
      place,
    );
  });

  test('it is refused on a parameter of the constructor', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          constructor(@looseInput() readonly input: unknown) {}
          start() {}
        }
        return Probe;
      },
      'the constructor of Probe, parameter 1',
      place,
    );
  });

  test('it is refused on a static property', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          @Input() static given: ProbeInput;
          start() {}
        }
        return Probe;
      },
      'static Probe.given',
      place,
    );
  });

  test('it is refused on a static method', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          static start(@Input() _input: ProbeInput) {}
          start() {}
        }
        return Probe;
      },
      'static Probe.start, parameter 1',
      place,
    );
  });

  test('it is refused on a method', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          @looseInput() start() {}
        }
        return Probe;
      },
      'Probe.start',
      place,
    );
  });

  test('it is refused on an accessor', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          @looseInput() get given(): ProbeInput {
            return new ProbeInput();
          }
          start() {}
        }
        return Probe;
      },
      'Probe.given',
      place,
    );
  });

  test('it must be called on a parameter', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start(@uncalledInput _input: ProbeInput) {}
        }
        return Probe;
      },
      'Probe.start, parameter 1',
      'write @Input()',
    );
  });

  test('it must be called on a property', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          @uncalledInput given!: ProbeInput;
          start() {}
        }
        return Probe;
      },
      'Probe.given',
      'write @Input()',
    );
  });

  test('an interface is refused as its type', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start(@Input() _input: Shape) {}
        }
        return Probe;
      },
      'Probe.start, parameter 1',
      '@Input(ProbeInput)',
    );
  });

  test('a primitive is refused as its type', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          @Input() given!: string;
          start() {}
        }
        return Probe;
      },
      'Probe.given',
      '@Input(ProbeInput)',
    );
  });

  test.each([undefined, null, 'ProbeInput', {}, Object, String])('%p is refused as the class', (dto) => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start(@looseInput(dto) _input: Shape) {}
        }
        return Probe;
      },
      'Probe.start, parameter 1',
      '@Input(ProbeInput)',
      'imported in a circle',
    );
  });
});

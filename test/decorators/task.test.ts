import { Input } from '../../src/decorators/input';
import { Task } from '../../src/decorators/task';
import { isTaskClass, taskDefinition } from '../../src/metadata/task-definition';
import { expectMistake, loose } from './declaration-mistake';

const looseTask = loose(Task);

describe('@Task', () => {
  test('a decorated class has its name, its options with defaults, and no input or hooks unless declared', () => {
    @Task('probe', { concurrency: 3 })
    class Probe {
      start() {}
    }
    @Task('plain')
    class Plain {
      start() {}
    }
    expect(taskDefinition(Probe)).toEqual({
      name: 'probe',
      taskClass: Probe,
      options: {
        concurrency: 3,
        deadline: Number.POSITIVE_INFINITY,
        priority: 5,
        queue: 'default',
        timeout: Number.POSITIVE_INFINITY,
        retry: expect.objectContaining({ attempts: 1 }),
      },
      input: undefined,
      hooks: [],
    });
    expect(taskDefinition(Plain).options).toMatchObject({ concurrency: Number.POSITIVE_INFINITY });
  });

  test.each([undefined, '', 'a:b', 'a*', 'a b', 'a\n', 7, null])('the name %p is refused', (name) => {
    expectMistake(
      () => {
        @looseTask(name)
        class Probe {
          start() {}
        }
        return Probe;
      },
      'Probe',
      "such as 'probe'",
    );
  });

  test('a class without a method start is refused', () => {
    expectMistake(
      () => {
        @looseTask('probe')
        class Probe {
          run() {}
        }
        return Probe;
      },
      'Probe',
      'add `async start()',
    );
  });

  test('a property that holds a function is no method start', () => {
    expectMistake(
      () => {
        @Task('probe')
        class Probe {
          start = () => 1;
        }
        return Probe;
      },
      'Probe',
      'does not count',
    );
  });

  test('a misspelt option is refused with the right one', () => {
    expectMistake(
      () => {
        @looseTask('probe', { Concurency: 2 })
        class Probe {
          start() {}
        }
        return Probe;
      },
      'Probe',
      '"Concurency"',
      'did you mean "concurrency"?',
    );
  });

  test('an option that resembles none is refused with the list of options', () => {
    expectMistake(
      () =>
        looseTask('probe', { colour: 'red' })(
          class Probe {
            start() {}
          },
        ),
      'known are: concurrency',
    );
  });

  test.each<[option: string, value: unknown, told: string]>([
    ['queue', 'a b', 'letters'],
    ['queue', 5, 'letters'],
    ['queue', '', 'letters'],
    ['queue', 'paused', 'take another one'],
    ['priority', 10, '0, taken first, to 9'],
    ['priority', -1, '0, taken first, to 9'],
    ['priority', 1.5, '0, taken first, to 9'],
    ['priority', '3', '0, taken first, to 9'],
    ['deadline', 0, 'more than 0'],
    ['deadline', 'soon', 'more than 0'],
  ])('the %s %p is refused', (option, value, told) => {
    expectMistake(
      () =>
        looseTask('probe', { [option]: value })(
          class Probe {
            start() {}
          },
        ),
      `${option} is ${JSON.stringify(value)}`,
      told,
    );
  });

  test.each([0, -1, 1.5, '2', null, Number.NaN])('the concurrency %p is refused', (concurrency) => {
    expectMistake(
      () =>
        looseTask('probe', { concurrency })(
          class Probe {
            start() {}
          },
        ),
      'Probe',
      'concurrency',
      'a whole number, 1 or more',
    );
  });

  test.each([null, 'x', []])('options such as %p are refused', (options) => {
    expectMistake(
      () =>
        looseTask(
          'probe',
          options,
        )(
          class Probe {
            start() {}
          },
        ),
      'Probe',
      'must be an object',
    );
  });

  test('a second @Task on the same class is refused', () => {
    expectMistake(
      () => {
        @Task('second')
        @Task('first')
        class Probe {
          start() {}
        }
        return Probe;
      },
      'Probe',
      '"first"',
      '"second"',
      'remove one',
    );
  });

  test('it must be called', () => {
    const uncalled = Task as unknown as (target: unknown) => void;
    expectMistake(
      () => {
        @uncalled
        class Probe {
          start() {}
        }
        return Probe;
      },
      'Probe',
      "write @Task('name')",
    );
  });

  test('standard decorators on a member are refused with the setting that is missing', () => {
    const context = { kind: 'field', name: 'input' };
    expectMistake(() => loose(Input())(undefined, context), '@Input', '"experimentalDecorators": true');
  });
});

test('a task class is told from anything else, a class that inherits from one among it', () => {
  @Task('probe')
  class Probe {
    start() {}
  }
  class Heir extends Probe {}
  expect([Probe, Heir, Probe.prototype, () => {}, 'probe', undefined].map(isTaskClass)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

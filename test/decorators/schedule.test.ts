import { IsInt } from 'class-validator';
import { createApp } from '../../src/app/create-app';
import { Input } from '../../src/decorators/input';
import { Schedule } from '../../src/decorators/schedule';
import { Task } from '../../src/decorators/task';
import { ConfigurationError } from '../../src/errors';
import { taskDefinition } from '../../src/metadata/task-definition';
import { declaredSchedules } from '../../src/metadata/task-schedules';
import type { TaskClass } from '../../src/task/task-class';
import { expectMistake, loose } from './declaration-mistake';

const looseSchedule = loose(Schedule);
const schedulesOf = (taskClass: TaskClass) => declaredSchedules(taskDefinition(taskClass));

class CountInput {
  @IsInt() count!: number;
}

describe('@Schedule', () => {
  test('stands above and below @Task, more than once, and has defaults', () => {
    @Schedule('0 9 * * 1-5', {
      tz: 'Europe/Vienna',
      input: { a: 1 },
      overlap: 'queue',
      catchUp: 'all',
      name: 'morning',
    })
    @Task('report')
    @Schedule({ every: '30s' })
    class Report {
      start() {}
    }
    const morning = { cron: '0 9 * * 1-5', everyMs: undefined, tz: 'Europe/Vienna', overlap: 'queue', catchUp: 'all' };
    const often = { cron: undefined, everyMs: 30_000, tz: 'UTC', overlap: 'skip', catchUp: 'last' };
    expect(schedulesOf(Report)).toEqual([
      { name: 'morning', settings: morning, input: { a: 1 } },
      { name: 'report', settings: often, input: undefined },
    ]);
  });

  test('is not inherited', () => {
    @Schedule({ every: '30s' })
    @Task('parent')
    class Parent {
      start() {}
    }
    @Task('child')
    class Child extends Parent {}
    expect(schedulesOf(Child)).toEqual([]);
  });

  test.each<[given: unknown[], message: string]>([
    [['0 9 * *'], 'cron is "0 9 * *": give five fields, or six with seconds first, such as \'0 9 * * 1-5\''],
    [['61 9 * * *'], 'Invalid value for minute: 61'],
    [['0 0 31 2 *'], 'cron is "0 0 31 2 *", a day that no year has'],
    [['* * * * * * *'], 'give five fields'],
    [['2027-01-01T00:00:00'], 'give five fields'],
    [['@daily'], 'give five fields'],
    [[''], 'give five fields'],
    [['0 9 * * *', { tz: 'Europe/Wien' }], 'tz is "Europe/Wien"; it must be an IANA time zone'],
    [['0 9 * * *', { tz: '' }], 'tz is ""; it must be'],
    [['0 9 * * *', { overlap: 'wait' }], "overlap is \"wait\"; it must be 'skip' or 'queue'"],
    [['0 9 * * *', { catchUp: true }], "catchUp is true; it must be false, 'last' or 'all'"],
    [['0 9 * * *', { catchUp: 'all' }], "give overlap 'queue', or catchUp 'last'"],
    [['0 9 * * *', { timezone: 'UTC' }], 'unknown option "timezone"'],
    [['0 9 * * *', { overlapp: 'skip' }], 'did you mean "overlap"?'],
    [['0 9 * * *', { every: '1m' }], 'give either cron'],
    [[{}], 'give either cron'],
    [[7], 'the options must be an object'],
    [[{ every: 999 }], 'every is 999; it must be 1000 milliseconds or more'],
    [[{ every: 'soon' }], 'every is "soon"; it must be'],
    [[{ every: '1m', tz: 'UTC' }], 'a period has no time zone'],
    [[{ every: '1m', name: 'a{b}' }], 'name is "a{b}"; it must be a text of 1 to 400 bytes without braces'],
    [[{ every: '1m', name: '' }], 'name is ""'],
  ])('%j is refused', (given, message) => {
    const declare = () => {
      @Task('report')
      @looseSchedule(...given)
      class Report {
        start() {}
      }
      return Report;
    };
    expectMistake(declare, '@Schedule on Report: ', message);
  });

  test('that is not called is refused', () => {
    expectMistake(() => looseSchedule(class Report {}), '@Schedule on Report is not called');
  });

  test('twice without a name, or with one, is refused', () => {
    const declare = (name: object) => () => {
      @Schedule({ every: '1m', ...name })
      @Schedule({ every: '2m', ...name })
      @Task('report')
      class Report {
        start() {}
      }
      return Report;
    };
    expectMistake(declare({}), '@Schedule on Report: two schedules have no name');
    expectMistake(declare({ name: 'a' }), 'two schedules are named "a"');
  });
});

describe('createApp refuses', () => {
  async function mistakeOf(...tasks: TaskClass[]): Promise<string> {
    const error = await createApp({ tasks, store: 'memory', logger: false }).catch((reason: unknown) => reason);
    expect(error).toHaveProperty('code', expect.stringMatching(/CONFIGURATION|DECLARATION/));
    return (error as ConfigurationError).message;
  }

  @Schedule({ every: '1m', name: 'shared' })
  @Task('one')
  class One {
    start() {}
  }

  @Schedule({ every: '1m', name: 'shared' })
  @Task('two')
  class Two {
    start() {}
  }

  test('two classes with schedules of one name', async () => {
    expect(await mistakeOf(One, Two)).toContain(
      '@Schedule "shared" on Two: task "one" declares a schedule of this name',
    );
  });

  test('a name that is the default of another schedule of the class', async () => {
    @Schedule({ every: '1m', name: 'report' })
    @Schedule({ every: '2m' })
    @Task('report')
    class Report {
      start() {}
    }
    expect(await mistakeOf(Report)).toContain('two schedules are named "report"');
  });

  test('an input that is not valid, naming class, schedule and property', async () => {
    @Schedule({ every: '1m', name: 'often', input: { count: 'many' } })
    @Task('count')
    class Count {
      start(@Input(CountInput) _input: CountInput) {}
    }
    const message = await mistakeOf(Count);
    expect(message).toContain('@Schedule "often" on Count: The input of task "count" is not valid');
    expect(message).toContain('count: must be an integer number');
  });
});

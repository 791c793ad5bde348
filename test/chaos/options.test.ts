import { type ChaosOptions, readOptions, replayOf, UsageError } from './options';

const read = (...argv: string[]) => readOptions(argv, () => 0.5);

describe('the options of a chaos run', () => {
  test('have defaults: a minute, 20,000 tasks, 4 workers, a random seed', () => {
    expect(read()).toEqual({ seconds: 60, seed: 500_000, tasks: 20_000, workers: 4, keep: false });
  });

  test('start fewer tasks in less time, unless they say how many', () => {
    expect(read('--seconds', '30')).toMatchObject({ seconds: 30, tasks: 10_000 });
    expect(read('--seconds=30', '--tasks=7', '--seed=1', '--workers=2', '--keep')).toEqual({
      seconds: 30,
      seed: 1,
      tasks: 7,
      workers: 2,
      keep: true,
    });
  });

  test('are all told to whoever replays the run', () => {
    const options = read('--seconds=30', '--tasks=7', '--seed=1', '--workers=2');
    const [, , , , ...argv] = replayOf(options as ChaosOptions).split(' ');
    expect(read(...argv)).toEqual(options);
  });

  test('ask for help', () => {
    expect(read('--help')).toBeUndefined();
  });

  test.each([
    [['--seconds', '5'], '--seconds is "5": give a whole number from 10 to 3600.'],
    [['--seconds', 'many'], '--seconds is "many": give a whole number from 10 to 3600.'],
    [['--seed', '1.5'], '--seed is "1.5": give a whole number from 0 to 4294967295.'],
    [['--seed', ''], '--seed is "": give a whole number from 0 to 4294967295.'],
    [['--workers=1'], '--workers is "1": give a whole number from 2 to 32.'],
    [['--seconds'], "Option '--seconds <value>' argument missing"],
    [['--sed', '7'], "Unknown option '--sed'"],
    [['7'], "Unexpected argument '7'"],
  ])('refuse %p', (argv, message) => {
    expect(() => read(...argv)).toThrow(UsageError);
    expect(() => read(...argv)).toThrow(message);
  });
});

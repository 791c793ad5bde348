import { planBulk, SITUATIONS } from './bulk-plan';
import { BULK, KINDS, planTasks } from './kinds';
import { endOf, type Fault, planFaults } from './plan';

const OPTIONS = { seed: 7, seconds: 60, workers: 4, endless: 8 };
const ALL_KINDS = [
  'cut',
  'cut-after',
  'cut-all',
  'cut-before',
  'freeze',
  'kill',
  'leave',
  'pause',
  'publish-reload',
  'publish-stop',
  'redis-restart',
  'refuse',
  'reload',
  'slow',
  'stop',
];

const lasting = (faults: readonly Fault[]) =>
  faults.flatMap((fault) => ('worker' in fault && 'ms' in fault ? [{ ...fault, endMs: fault.atMs + fault.ms }] : []));

describe('the plan of faults', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(planFaults(OPTIONS)).toEqual(planFaults(OPTIONS));
    expect(planFaults({ ...OPTIONS, seed: 8 })).not.toEqual(planFaults(OPTIONS));
  });

  test.each([10, 20, 60, 300])('is in the order of time, and over within %d s', (seconds) => {
    for (let seed = 0; seed < 20; seed++) {
      const faults = planFaults({ ...OPTIONS, seconds, seed });
      const timesMs = faults.map(({ atMs }) => atMs);
      expect(timesMs).toEqual([...timesMs].sort((a, b) => a - b));
      expect(timesMs[0]).toBeGreaterThan(0);
      expect(Math.max(...faults.map(endOf))).toBeLessThanOrEqual(seconds * 1_000);
    }
  });

  test.each([
    ['a minute, whatever the seed', 60, Array.from({ length: 20 }, (_, seed) => seed)],
    ['the run of CI', 20, [7]],
  ])('holds every kind of fault: %s', (_what, seconds, seeds) => {
    for (const seed of seeds) {
      const kinds = planFaults({ ...OPTIONS, seconds, seed }).map(({ kind }) => kind);
      expect([...new Set(kinds)].sort()).toEqual(ALL_KINDS);
    }
  });

  test.each([2, 3, 4, 8])(
    'leaves half of %d workers, rounded down, well, and hits none that is ill already',
    (workers) => {
      for (let seed = 0; seed < 20; seed++) {
        const faults = lasting(planFaults({ ...OPTIONS, workers, seed }));
        for (const { atMs } of faults) {
          const ill = faults.filter((other) => other.atMs <= atMs && atMs < other.endMs).map(({ worker }) => worker);
          expect(new Set(ill).size).toBe(ill.length);
          expect(ill.length).toBeLessThanOrEqual(Math.ceil(workers / 2));
        }
      }
    },
  );
});

describe('the plan of tasks', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(planTasks(7, 500, 1_000)).toEqual(planTasks(7, 500, 1_000));
    expect(planTasks(8, 500, 1_000)).not.toEqual(planTasks(7, 500, 1_000));
  });

  test('holds every kind, each id once, spread over the time', () => {
    const tasks = planTasks(7, 1_000, 10_000);
    expect(new Set(tasks.map(({ kind }) => kind))).toEqual(new Set(Object.keys(KINDS)));
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(1_000);
    expect(tasks.filter(({ atMs }) => atMs < 5_000)).toHaveLength(500);
  });

  test('has shares that make a thousand', () => {
    const shares: number[] = Object.values(KINDS).map(({ share }) => share);
    expect(shares.reduce((sum, share) => sum + share)).toBe(1_000);
  });
});

describe('the plan of bulk calls', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(planBulk(7, 60, 1_000)).toEqual(planBulk(7, 60, 1_000));
    expect(planBulk(8, 60, 1_000)).not.toEqual(planBulk(7, 60, 1_000));
  });

  test('holds every kind in every situation, each id once, in the order of time', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rounds = planBulk(seed, 20, 10_000);
      const timesMs = rounds.map(({ atMs }) => atMs);
      expect(timesMs).toEqual([...timesMs].sort((a, b) => a - b));
      expect(timesMs.at(-1)).toBeLessThan(10_000);
      for (const kind of Object.keys(BULK)) {
        const tasks = rounds.filter((round) => round.kind === kind).flatMap((round) => round.tasks);
        expect(new Set(tasks.map(({ situation }) => situation))).toEqual(new Set(SITUATIONS));
        expect(new Set(tasks.map(({ id }) => id)).size).toBe(32);
      }
    }
  });
});

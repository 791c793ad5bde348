import { LATE_MS, MOST_CAUGHT_UP, planFirings } from '../../src/schedule/plan-firings';
import type { CatchUp, Overlap, ScheduleSettings } from '../../src/schedule/schedule';

const MINUTE_MS = 60_000;
const NOON_MS = Date.UTC(2027, 2, 1, 12);

function everyMinutes(minutes: number, catchUp: CatchUp = 'last', overlap: Overlap = 'queue'): ScheduleSettings {
  return { cron: undefined, everyMs: minutes * MINUTE_MS, tz: 'UTC', overlap, catchUp };
}

/** Minutes from noon. */
function plan(schedule: ScheduleSettings, lateMs: number, formerGoesOn = false) {
  const { fireMs, skippedMs, nextMs } = planFirings(schedule, NOON_MS, NOON_MS + lateMs, formerGoesOn);
  const minutes = (timeMs: number | undefined) => timeMs && (timeMs - NOON_MS) / MINUTE_MS;
  return { fire: fireMs.map(minutes), skipped: skippedMs && minutes(skippedMs), next: minutes(nextMs) };
}

test.each([false, 'last', 'all'] as const)('with catchUp %s what is a minute late is made', (catchUp) => {
  expect(plan(everyMinutes(5, catchUp), 0)).toEqual({ fire: [0], next: 5 });
  expect(plan(everyMinutes(5, catchUp), LATE_MS)).toEqual({ fire: [0], next: 5 });
});

describe('what was missed', () => {
  test('is not made with false', () => {
    expect(plan(everyMinutes(5, false), LATE_MS + 1)).toEqual({ fire: [], next: 5 });
    expect(plan(everyMinutes(5, false), 12 * MINUTE_MS)).toEqual({ fire: [], next: 15 });
  });

  test('is made once with last, for the latest time', () => {
    expect(plan(everyMinutes(5, 'last'), LATE_MS + 1)).toEqual({ fire: [0], next: 5 });
    expect(plan(everyMinutes(5, 'last'), 12 * MINUTE_MS)).toEqual({ fire: [10], next: 15 });
  });

  test('is stood for by one that is only late, with last', () => {
    expect(plan(everyMinutes(5, 'last'), 10.5 * MINUTE_MS)).toEqual({ fire: [10], next: 15 });
  });

  test('is made for each time with all, the latest hundred and those that are late', () => {
    expect(plan(everyMinutes(5, 'all'), 12 * MINUTE_MS)).toEqual({ fire: [0, 5, 10], next: 15 });
    const { fire, next } = plan(everyMinutes(1, 'all'), 1_000 * MINUTE_MS);
    expect([fire.length, fire[0], fire.at(-1), next]).toEqual([MOST_CAUGHT_UP + 2, 899, 1_000, 1_001]);
  });
});

describe('with overlap skip', () => {
  test('nothing is made while the former task goes on, and what is skipped is told', () => {
    expect(plan(everyMinutes(5, 'last', 'skip'), 0, true)).toEqual({ fire: [], skipped: NOON_MS && 0, next: 5 });
    expect(plan(everyMinutes(5, 'last', 'skip'), 12 * MINUTE_MS, true)).toEqual({ fire: [], skipped: 10, next: 15 });
  });

  test('of several that are late the latest is made', () => {
    expect(plan({ ...everyMinutes(0.25, 'last', 'skip') }, 35_000)).toEqual({ fire: [0.5], skipped: 0.25, next: 0.75 });
  });
});

test('with overlap queue the former task does not matter', () => {
  expect(plan(everyMinutes(5, 'last', 'queue'), 0, true)).toEqual({ fire: [0], next: 5 });
});

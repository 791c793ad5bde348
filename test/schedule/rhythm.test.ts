import { firstAfter, nextAfter, type Rhythm, timesFrom, timesUntil } from '../../src/schedule/rhythm';

const HOUR_MS = 3_600_000;
const at = (text: string) => new Date(text).getTime();

function cron(text: string, tz = 'Europe/Vienna'): Rhythm {
  return { cron: text, tz, everyMs: undefined };
}

function every(everyMs: number): Rhythm {
  return { cron: undefined, tz: 'UTC', everyMs };
}

/** The times of a rhythm between two, as UTC. */
function between(rhythm: Rhythm, from: string, until: string): string[] {
  const times: string[] = [];
  for (
    let time = firstAfter(rhythm, at(from));
    time !== undefined && time < at(until);
    time = firstAfter(rhythm, time)
  ) {
    times.push(`${new Date(time).toISOString().slice(0, 16)}Z`);
  }
  return times;
}

describe('in Vienna, when the clock goes from 2 to 3 on 28 March 2027', () => {
  const day = ['2027-03-27T23:00Z', '2027-03-28T22:00Z'] as const;

  test.each([
    ['a time that does not exist comes at the end of the gap', '30 2 * * *', ['2027-03-28T01:00Z']],
    ['so do two, and are one firing', '15,45 2 * * *', ['2027-03-28T01:00Z']],
    ['a time before it and one in it are two firings', '30 1,2 * * *', ['2027-03-28T00:30Z', '2027-03-28T01:00Z']],
    ['one in it that meets one at its end is one firing', '0 2,3 * * *', ['2027-03-28T01:00Z']],
    ['seconds make no difference', '10 30 2 * * *', ['2027-03-28T01:00Z']],
    ['a time after it is that of the clock', '0 9 * * *', ['2027-03-28T07:00Z']],
    [
      'a step skips what does not exist',
      '*/30 1-3 * * *',
      ['00:00', '00:30', '01:00', '01:30'].map((time) => `2027-03-28T${time}Z`),
    ],
  ])('%s', (_what, text, expected) => {
    expect(between(cron(text), ...day)).toEqual(expected);
  });

  test('each hour is each hour that there is', () => {
    expect(between(cron('0 * * * *'), ...day)).toHaveLength(22);
  });
});

describe('in Vienna, when the clock goes back from 3 to 2 on 31 October 2027', () => {
  const day = ['2027-10-30T22:00Z', '2027-10-31T23:00Z'] as const;

  test.each([
    ['a time that exists twice comes the first time', '30 2 * * *', ['2027-10-31T00:30Z']],
    ['so do two', '15,45 2 * * *', ['2027-10-31T00:15Z', '2027-10-31T00:45Z']],
    ['and those of a range', '30 1-3 * * *', ['2027-10-30T23:30Z', '2027-10-31T00:30Z', '2027-10-31T02:30Z']],
    ['a time after it is that of the clock', '0 9 * * *', ['2027-10-31T08:00Z']],
    [
      'a step goes on in both hours',
      '*/30 2 * * *',
      ['00:00', '00:30', '01:00', '01:30'].map((time) => `2027-10-31T${time}Z`),
    ],
  ])('%s', (_what, text, expected) => {
    expect(between(cron(text), ...day)).toEqual(expected);
  });

  test('each hour is each hour that there is', () => {
    expect(between(cron('0 * * * *'), ...day)).toHaveLength(24);
  });

  test('what asks between the two does not hear of the second', () => {
    expect(firstAfter(cron('30 2 * * *'), at('2027-10-31T00:45Z'))).toBe(at('2027-11-01T01:30Z'));
  });
});

test('a day at nine fires once a day of 2027', () => {
  const times = between(cron('0 9 * * *'), '2026-12-31T23:00Z', '2027-12-31T23:00Z');
  expect(times).toHaveLength(365);
  expect(new Set(times.map((time) => time.slice(11)))).toEqual(new Set(['08:00Z', '07:00Z']));
});

test('workdays are those of the zone', () => {
  expect(between(cron('30 0 * * 1', 'Pacific/Auckland'), '2027-01-01T00:00Z', '2027-01-08T00:00Z')).toEqual([
    '2027-01-03T11:30Z',
  ]);
});

describe('a period', () => {
  test('begins one period from now, and goes on from there', () => {
    expect(firstAfter(every(30_000), 1_234)).toBe(31_234);
    expect(nextAfter(every(30_000), 31_234, 31_234)).toBe(61_234);
    expect(nextAfter(every(30_000), 31_234, 100_000)).toBe(121_234);
    expect(timesFrom(every(HOUR_MS), 5, 3)).toEqual([5, 5 + HOUR_MS, 5 + 2 * HOUR_MS]);
  });

  test('knows no clock changes', () => {
    const from = at('2027-03-27T12:00Z');
    expect(timesFrom(every(24 * HOUR_MS), from, 3).at(-1)).toBe(at('2027-03-29T12:00Z'));
  });
});

describe('the times until now', () => {
  const noon = at('2027-03-28T12:00Z');

  test.each([every(1_000), cron('* * * * * *')])('are the one that has come', (rhythm) => {
    expect(timesUntil(rhythm, noon, noon + 999, 10)).toEqual([noon]);
  });

  test.each([every(1_000), cron('* * * * * *')])('are all since, those of now included', (rhythm) => {
    expect(timesUntil(rhythm, noon, noon + 3_000, 10)).toEqual([noon, noon + 1_000, noon + 2_000, noon + 3_000]);
    expect(timesUntil(rhythm, noon, noon + 3_500, 10)).toEqual([noon, noon + 1_000, noon + 2_000, noon + 3_000]);
  });

  test.each([every(1_000), cron('* * * * * *')])('are the latest of very many, found at once', (rhythm) => {
    const now = noon + 365 * 24 * HOUR_MS;
    expect(timesUntil(rhythm, noon, now, 3)).toEqual([now - 2_000, now - 1_000, now]);
  });

  test.each(['30 2 * * *', '0 * * * *', '15,45 1-3 * * *', '*/20 2 * * *', '0 9 * * 1-5', '0 0 L * *'])(
    'are for %s the same as those that come one by one, over both clock changes',
    (text) => {
      const from = firstAfter(cron(text), at('2027-01-01T00:00Z')) as number;
      const until = at('2027-12-31T00:00Z');
      const oneByOne: number[] = [];
      for (
        let time: number | undefined = from;
        time !== undefined && time <= until;
        time = firstAfter(cron(text), time)
      )
        oneByOne.push(time);
      expect(timesUntil(cron(text), from, until, 20_000)).toEqual(oneByOne);
    },
  );
});

test('a leap day is waited for', () => {
  expect(firstAfter(cron('0 0 29 2 *'), at('2027-01-01T00:00Z'))).toBe(at('2028-02-28T23:00Z'));
});

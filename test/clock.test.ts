import { getEventListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { EventLoopWatch, SystemClock, within } from '../src/clock';
import { deferred } from '../src/deferred';
import { ManualClock } from '../src/testing/manual-clock';

describe('a wait for work', () => {
  test('ends with the work, and leaves neither timer nor listener behind', async () => {
    const clock = new ManualClock();
    const { signal } = new AbortController();
    const work = deferred();
    const waiting = within(clock, work.promise, 1_000, signal);
    work.resolve();
    expect(await waiting).toBe(true);
    expect(clock.timerCount).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('ends after the longest time, and says that the work goes on', async () => {
    const clock = new ManualClock();
    const waiting = within(clock, deferred().promise, 1_000);
    await clock.advance(1_000);
    expect(await waiting).toBe(false);
  });

  test('ends when the signal aborts, and says that the work goes on', async () => {
    const clock = new ManualClock();
    const leaving = new AbortController();
    const waiting = within(clock, deferred().promise, 1_000, leaving.signal);
    leaving.abort();
    expect(await waiting).toBe(false);
    expect(clock.timerCount).toBe(0);
  });

  test('of work that has ended says so, even if the signal had aborted before', async () => {
    expect(await within(new ManualClock(), Promise.resolve(), 1_000, AbortSignal.abort())).toBe(true);
  });
});

describe('a timer of the system for longer than Node can wait at a time', () => {
  const DAY_MS = 86_400_000;
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test('fires at its time, and not before', () => {
    let fired = 0;
    new SystemClock().setTimer(() => fired++, 60 * DAY_MS);
    jest.advanceTimersByTime(60 * DAY_MS - 1);
    expect(fired).toBe(0);
    jest.advanceTimersByTime(1);
    expect(fired).toBe(1);
    jest.advanceTimersByTime(60 * DAY_MS);
    expect(fired).toBe(1);
  });

  test.each([60, Number.POSITIVE_INFINITY])('of %p days can be cancelled at any time', (days) => {
    let fired = 0;
    const timer = new SystemClock().setTimer(() => fired++, days * DAY_MS);
    jest.advanceTimersByTime(50 * DAY_MS);
    timer.cancel();
    jest.advanceTimersByTime(50 * DAY_MS);
    expect([fired, jest.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('a watch on the event loop', () => {
  const clock = new ManualClock();
  let watch: EventLoopWatch;
  beforeEach(() => {
    watch = new EventLoopWatch(clock);
  });
  afterEach(() => watch.stop());

  /** Once the watch has taken samples, nothing else comes to its turn for so long. */
  async function block(blockedMs: number): Promise<void> {
    await pause(60);
    const endMs = performance.now() + blockedMs;
    while (performance.now() < endMs);
    await pause(60);
  }

  test('knows how late it came round, for one window more than the one in which it was', async () => {
    await block(300);
    expect(watch.lag.longestMs).toBeGreaterThan(250);
    await clock.advance(30_000);
    expect(watch.lag.longestMs).toBeGreaterThan(250);
    await clock.advance(30_000);
    expect(watch.lag.longestMs).toBeLessThan(250);
  });

  test('leaves no timer behind', () => {
    watch.stop();
    expect(clock.timerCount).toBe(0);
  });
});

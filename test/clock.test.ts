import { getEventListeners } from 'node:events';
import { within } from '../src/clock';
import { deferred } from '../src/deferred';
import { ManualClock } from './support/manual-clock';

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

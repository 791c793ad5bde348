import { sleep } from '../../src/clock';
import { ManualClock } from '../../src/testing/manual-clock';

describe('the manual clock', () => {
  test('timers fire in the order of their moments, and in the order they were set within one', async () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    for (const [name, delayMs] of [
      ['c', 30],
      ['a', 10],
      ['b', 20],
      ['b2', 20],
    ] as const) {
      clock.setTimer(() => fired.push(`${name}@${clock.monotonicMs()}`), delayMs);
    }
    await clock.advance(20);
    expect(fired).toEqual(['a@10', 'b@20', 'b2@20']);
    await clock.advance(10);
    expect(fired).toEqual(['a@10', 'b@20', 'b2@20', 'c@30']);
  });

  test('a loop of sleeps makes all its rounds in one advance', async () => {
    const clock = new ManualClock();
    const rounds: number[] = [];
    const loop = (async () => {
      while (rounds.length < 5) {
        await sleep(clock, 100);
        await new Promise((resolve) => setImmediate(resolve));
        rounds.push(clock.monotonicMs());
      }
    })();
    await clock.advance(1_000);
    await loop;
    expect(rounds).toEqual([100, 200, 300, 400, 500]);
    expect(clock.monotonicMs()).toBe(1_000);
  });

  test('a cancelled timer does not fire and is not counted', async () => {
    const clock = new ManualClock();
    const callback = jest.fn();
    const timer = clock.setTimer(callback, 10);
    expect(clock.timerCount).toBe(1);
    timer.cancel();
    await clock.advance(10);
    expect(clock.timerCount).toBe(0);
    expect(callback).not.toHaveBeenCalled();
  });

  test('a timer without delay that sets itself anew does not hold up the advance', async () => {
    const clock = new ManualClock();
    let rounds = 0;
    const again = () => {
      rounds++;
      clock.setTimer(again, 0);
    };
    clock.setTimer(again, 0);
    await clock.advance(10);
    expect(rounds).toBe(10);
  });

  test('the wall clock can be set back while durations go on', async () => {
    const clock = new ManualClock(1_000_000);
    clock.shiftWall(-5_000);
    await clock.advance(10);
    expect(clock.nowMs()).toBe(995_010);
    expect(clock.monotonicMs()).toBe(10);
  });
});

import { DueTimes } from '../../src/store/memory/due-times';

describe('due times', () => {
  test('what is due is taken out, the earliest first', () => {
    const times = new DueTimes();
    for (const [name, atMs] of [
      ['c', 30],
      ['a', 10],
      ['d', 40],
      ['b', 20],
    ] as const) {
      times.set(name, atMs);
    }
    expect(times.takeDue(30)).toEqual(['a', 'b', 'c']);
    expect(times.takeDue(30)).toEqual([]);
    expect(times.size).toBe(1);
  });

  test('of names due at once the one set first comes first', () => {
    const times = new DueTimes();
    const names = Array.from({ length: 50 }, (_, n) => `name-${n}`);
    for (const name of names) times.set(name, 5);
    expect(times.takeDue(5)).toEqual(names);
  });

  test('a name that was moved comes at its last time only', () => {
    const times = new DueTimes();
    times.set('a', 10);
    times.set('b', 20);
    times.set('a', 30);
    expect(times.nextMs()).toBe(20);
    expect(times.takeDue(25)).toEqual(['b']);
    expect(times.takeDue(30)).toEqual(['a']);
  });

  test('a name that was taken out and set again counts anew', () => {
    const times = new DueTimes();
    times.set('a', 10);
    times.delete('a');
    expect(times.nextMs()).toBeUndefined();
    times.set('a', 20);
    expect(times.get('a')).toBe(20);
    expect(times.takeDue(15)).toEqual([]);
    expect(times.takeDue(20)).toEqual(['a']);
  });

  test('any order of sets, moves and deletions comes out sorted', () => {
    const times = new DueTimes();
    const expected = new Map<string, number>();
    let seed = 1;
    const next = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    for (let step = 0; step < 5_000; step++) {
      const name = `name-${next(200)}`;
      const atMs = next(1_000);
      if (next(4) === 0) {
        times.delete(name);
        expected.delete(name);
      } else {
        times.set(name, atMs);
        expected.set(name, atMs);
      }
    }
    const taken = times.takeDue(500);
    const takenMs = taken.map((name) => expected.get(name) as number);
    expect(takenMs).toEqual(takenMs.toSorted((a, b) => a - b));
    const due = [...expected].filter(([, atMs]) => atMs <= 500).map(([name]) => name);
    expect(taken.toSorted()).toEqual(due.toSorted());
    expect(times.size).toBe(expected.size - due.length);
  });

  test('a name that is moved for ever does not fill the memory', () => {
    const times = new DueTimes();
    for (let atMs = 0; atMs < 10_000; atMs++) times.set('a', atMs);
    expect(Reflect.get(times, 'heap').length).toBeLessThan(100);
    expect(times.takeDue(10_000)).toEqual(['a']);
  });
});

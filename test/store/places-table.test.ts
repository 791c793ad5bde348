import type { KeyFacts, Place } from '../../src/store/places';
import { Suspicion, withPlace } from '../../src/store/places-summary';
import { PlacesTable } from '../../src/store/places-table';
import { problemsOf } from '../../src/store/problems-of';
import { TaskKeys } from '../../src/task/keys';
import { collectGarbage } from '../support/collect-garbage';
import { eventually } from '../support/eventually';

const keys = new TaskKeys();

function summaryOf(places: readonly Place[], late: readonly Place[] = []): number {
  return places.reduce((summary, place) => withPlace(summary, { place, isLate: late.includes(place) }), 0);
}

describe('the table of the places', () => {
  test('keeps the summaries of many ids apart, and tells each once', () => {
    const table = new PlacesTable(7);
    const ids = Array.from({ length: 40_000 }, (_, place) => `id-${place}`);
    for (const id of ids) table.add(id, { place: 'new-queue', isLate: false });
    for (const id of ids.slice(0, 20_000)) table.add(id, { place: 'active', isLate: false });
    expect(table.size).toBe(ids.length);
    const [first, second] = [summaryOf(['new-queue', 'active']), summaryOf(['new-queue'])];
    const wrong = ids.filter((id, place) => table.meet(id) !== (place < 20_000 ? first : second));
    expect(wrong).toEqual([]);
    expect(table.met).toBe(ids.length);
    expect(table.meet('id-0')).toBeUndefined();
    expect(table.meet('nowhere')).toBe(0);
  });

  test('takes 20 bytes an id at most', async () => {
    const table = new PlacesTable(7);
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    for (let place = 0; place < 100_000; place += 1) table.add(`id-${place}`, { place: 'active', isLate: false });
    // What it grew out of is given back beside the program.
    await eventually(() => {
      collectGarbage();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000 * 20);
    });
    expect(table.size).toBe(100_000);
  });
});

describe('a summary is suspicious as soon as the rules find a problem with what it sums up', () => {
  const suspicion = new Suspicion({ keys, overdueMs: 1_000 });
  const task = (more: object): KeyFacts => ({
    kind: 'task',
    state: 'WAIT',
    stays: false,
    leased: false,
    skip: 0,
    owesPush: false,
    kept: false,
    expires: false,
    ...more,
  });
  const shapes: (KeyFacts | undefined)[] = [
    undefined,
    { kind: 'removed', skip: 1 },
    { kind: 'update-remainder' },
    { kind: 'other-type' },
    ...(['WAIT', 'RUNNING', 'STOPPED', 'SUCCESS', 'ERROR', 'EXCEPTION'] as const).flatMap((state) => [
      task({ state }),
      task({ state, leased: true }),
      task({ state, skip: 1 }),
      task({ state, owesPush: true }),
      task({ state, stays: true }),
      task({ state, expires: true }),
      task({ state, kept: true }),
    ]),
  ];
  const standing: Place[][] = [];
  for (let bits = 0; bits < 64; bits += 1) {
    const all: Place[] = ['new-queue', 'delayed@mail', 'end-queue', 'active', 'leases', 'firing'];
    standing.push(all.filter((_, place) => bits & (1 << place)));
  }

  test.each(shapes.map((key) => [JSON.stringify(key), key] as const))('%s', (_name, key) => {
    for (const places of standing) {
      const view = {
        keys,
        nowMs: 10_000,
        overdueMs: 1_000,
        leaseEndsMs: new Map([['a', 20_000]]),
        inboxEndsMs: new Map(),
      };
      const found = problemsOf({ id: 'a', key, places }, view).length > 0;
      expect([places, suspicion.isSuspect(key, summaryOf(places))]).toEqual([places, found]);
    }
  });

  test('a lease that is overdue, an inbox that is odd and more places than are counted', () => {
    const running = task({ state: 'RUNNING', leased: true });
    expect(suspicion.isSuspect(running, summaryOf(['active', 'leases']))).toBe(false);
    expect(suspicion.isSuspect(running, summaryOf(['active', 'leases'], ['leases']))).toBe(true);
    expect(suspicion.isSuspect(task({}), summaryOf(['inbox:w']))).toBe(false);
    expect(suspicion.isSuspect(task({}), summaryOf(['inbox:w'], ['inbox:w']))).toBe(true);
    expect(suspicion.isSuspect(task({ skip: 20 }), summaryOf(Array(21).fill('new-queue')))).toBe(true);
  });
});

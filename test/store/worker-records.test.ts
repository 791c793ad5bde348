import { workerRecords } from '../../src/store/worker-records';

const NOW_MS = 100_000;
const place = (worker: string, queue: string, untilMs: number) => ({ worker, queue, untilMs, taken: 1 });
const run = (worker: string | undefined, seenMs: number | undefined) => ({ worker, local: false, seenMs });

test('where not all runs were looked at they are not counted, and yet tell a sign of life', () => {
  const runs = { runs: [run('w1', 5), run('w1', 9), run('w1', undefined)], isAll: false };
  expect(workerRecords([place('w1', 'mail', NOW_MS)], runs, NOW_MS)).toMatchObject([
    { id: 'w1', running: undefined, seenMs: 9 },
  ]);
});

test('a worker is alive as long as one of its queues knows it as such', () => {
  const places = [place('w1', 'default', NOW_MS - 1), place('w1', 'mail', NOW_MS + 1)];
  expect(workerRecords(places, { runs: [], isAll: true }, NOW_MS)).toMatchObject([
    { queues: ['default', 'mail'], taken: 2, untilMs: NOW_MS + 1, overdue: false },
  ]);
});

test('a run whose worker takes from no queue makes none', () => {
  expect(workerRecords([], { runs: [run('w1', 5), run(undefined, 5)], isAll: true }, NOW_MS)).toEqual([]);
});

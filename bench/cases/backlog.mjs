import { atLeast } from '../harness/goals.mjs';
import { median } from '../harness/statistics.mjs';

const CONCURRENCY = 100;
/** The same at every level; a little under the smallest of them, so that no window sees the queue run dry. */
const WINDOW = 800;
const LEVELS = { full: [1_000, 10_000, 100_000, 1_000_000], quick: [1_000, 10_000] };
const FILL_DEADLINE_MS = 240_000;

/** Whether a drain gets slower the more tasks wait: many short drains at each level of one growing queue. */
export const backlog = {
  name: 'backlog',
  title: 'drain at concurrency 100 with a backlog',
  how: '800 tasks are drained of a queue that holds so many; nine such windows a level, in one round.',
  samplesItself: true,
  measures: [
    ...LEVELS.full.map((level) => ({
      key: `at${level}`,
      title: `${level.toLocaleString('en-US')} waiting`,
      unit: '/s',
      better: 'higher',
    })),
    {
      key: 'kept',
      title: 'rate at the greatest level, as a share of that at 1,000',
      unit: '',
      better: 'higher',
      goals: [atLeast(0.9)],
    },
  ],

  async run(cell) {
    const levels = cell.quick ? LEVELS.quick : LEVELS.full;
    const repeats = cell.quick ? 2 : Math.max(9, cell.rounds);
    await cell.warmUp(CONCURRENCY);
    const samples = {};
    let waiting = 0;
    for (const level of levels) {
      samples[`at${level}`] = [];
      for (let i = 0; i < repeats; i++) {
        if (waiting < level) await cell.fill(level - waiting, FILL_DEADLINE_MS);
        const { rate, handled } = await window(cell);
        samples[`at${level}`].push(rate);
        waiting = level - handled;
      }
    }
    const ratesAt = (level) => samples[`at${level}`];
    const [least, greatest] = [ratesAt(levels[0]), ratesAt(levels.at(-1))];
    return { ...samples, kept: median(greatest) / median(least) };
  },
};

async function window(cell) {
  await cell.openWorker(CONCURRENCY);
  const { firstStartUs, handledUs } = await cell.worker.call('untilHandled', { count: WINDOW });
  const handled = await cell.closeWorker();
  return { rate: (WINDOW * 1_000_000) / (handledUs - firstStartUs), handled };
}

import { under } from '../harness/goals.mjs';

const COUNT = 10_000;

/** As many tasks run at once as there are: from opening the worker until all have started, in a process of its own. */
export const held = {
  name: 'held',
  title: '10,000 held at once',
  how: '10,000 tasks that never end; until each has begun, and the memory of the worker then.',
  measures: [
    { key: 'startSeconds', title: 'until all have started', unit: 's', better: 'lower', goals: [under(0.5, ' s')] },
    { key: 'rssMegabytes', title: 'RSS then', unit: 'MB', better: 'lower', goals: [under(120, ' MB')] },
  ],

  async run(cell) {
    await cell.freshWorker();
    await cell.fill(COUNT);
    const { openedUs } = await cell.openWorker(COUNT, 'hold');
    const { startedAllUs, rssBytes } = await cell.worker.call('untilStarted', { count: COUNT });
    // How long it takes to end them is another question: the process just goes.
    await cell.worker.stop();
    return { startSeconds: (startedAllUs - openedUs) / 1_000_000, rssMegabytes: rssBytes / 1_000_000 };
  },
};

import { betterThanEveryPeer } from '../harness/goals.mjs';
import { percentile } from '../harness/statistics.mjs';

const PER_SECOND = 100;
const PERCENTILES = [50, 95, 99];

function measures(key, title) {
  return PERCENTILES.map((percent) => ({
    key: `${key}${percent}`,
    title: `${title}, p${percent}`,
    unit: 'ms',
    better: 'lower',
    goals: percent === 95 ? [] : [betterThanEveryPeer()],
  }));
}

/** An idle worker, a task every 10 ms, and a producer that waits for each result. */
export const latency = {
  name: 'latency',
  title: 'latency at 100/s',
  how: '300 tasks a round, one every 10 ms, on an idle worker of concurrency 100: the p99 of a round is its third worst. One whose result is not there after 1,000 ms counts as 1,000.',
  measures: [...measures('start', 'enqueue to start'), ...measures('result', 'enqueue to result')],

  async run(cell) {
    const count = cell.quick ? 50 : 300;
    await cell.openWorker(10, 'stamp');
    await cell.producer.call('open', { port: cell.port, awaitsResults: true });
    // Connections are open and scripts loaded before the clock counts.
    await cell.producer.call('enqueuePaced', { count: 20, perSecond: PER_SECOND });
    const results = await cell.producer.call('enqueuePaced', { count, perSecond: PER_SECOND });
    const starts = (await cell.worker.call('latencies')).slice(-count);
    return Object.fromEntries(
      PERCENTILES.flatMap((percent) => [
        [`start${percent}`, percentile(starts, percent)],
        [`result${percent}`, percentile(results, percent)],
      ]),
    );
  },
};

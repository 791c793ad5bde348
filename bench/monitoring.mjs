// Measures what monitoring costs a drain: `node bench/monitoring.mjs [tasks] [rounds]`. In each round as many tasks are drained by
// a worker without it and by one with it, which is scraped each second, the one or the other first.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { prepare } from './harness/prepare.mjs';

const WORKER = join(import.meta.dirname, 'harness', 'monitored-worker.mjs');
const SCRAPE_MS = 1_000;

async function scrape(address, taken) {
  const beganMs = performance.now();
  await (await fetch(`${address}/metrics`)).text();
  taken.push(performance.now() - beganMs);
}

/** Tasks a second, and microseconds of the worker's processor a task: the one that a busy machine changes little. */
async function drain(client, port, tasks, mode, taken) {
  await client.startMany('bench-nothing', new Array(tasks).fill({}));
  const worker = spawn(process.execPath, [WORKER, port, tasks, mode].map(String), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
  const address = (await lines.next()).value;
  const timer = mode === 'on' ? setInterval(() => void scrape(address, taken).catch(() => {}), SCRAPE_MS) : undefined;
  const [rate, cpuUs] = (await lines.next()).value.split(' ').map(Number);
  clearInterval(timer);
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  return { rate, cpuUs };
}

async function main(tasks, rounds) {
  prepare();
  const { createApp } = (await import('../build/src/index.js')).default;
  const { startRedis } = await import('./harness/redis-process.mjs');
  const { median } = await import('./harness/statistics.mjs');
  const { redis, port, stop } = await startRedis();
  const app = await createApp({ redis: `redis://127.0.0.1:${port}`, worker: false, logger: false });
  const [ratios, cpuRatios, taken] = [[], [], []];
  try {
    await drain(app.client, port, tasks, 'off', taken);
    console.log('| without | with | ratio of the rates | of the processor |');
    console.log('| --- | --- | --- | --- |');
    for (let round = 0; round < rounds; round++) {
      const found = {};
      for (const mode of round % 2 === 0 ? ['off', 'on'] : ['on', 'off']) {
        await redis.flushall();
        found[mode] = await drain(app.client, port, tasks, mode, taken);
      }
      const { on, off } = found;
      ratios.push(on.rate / off.rate);
      cpuRatios.push(on.cpuUs / off.cpuUs);
      const told = [off, on].map(({ rate, cpuUs }) => `${rate.toFixed(0)}/s, ${cpuUs.toFixed(1)} µs`);
      console.log(`| ${told.join(' | ')} | ${ratios.at(-1).toFixed(3)} | ${cpuRatios.at(-1).toFixed(3)} |`);
    }
    console.log(`medians of the ratios: ${median(ratios).toFixed(3)}, ${median(cpuRatios).toFixed(3)}`);
    console.log(`a scrape took ${median(taken).toFixed(1)} ms, ${taken.length} of them`);
  } finally {
    await app.close();
    await stop();
  }
}

await main(Number(process.argv[2] ?? 200_000), Number(process.argv[3] ?? 7));

// Measures how long it takes to look through many tasks, and to remove them, and who waits meanwhile: `node bench/bulk.mjs [count]`.
import { setTimeout as pause } from 'node:timers/promises';
import { prepare } from './harness/prepare.mjs';

const PIPELINE = 1_000;
/** One task in so many has failed. */
const FAILED = 10;
/** How often the process's memory is looked at, and Redis is asked for a sign of life. */
const LOOK_MS = 20;

async function fill(redis, count) {
  const created = Date.now() - 7_200_000;
  for (let start = 0; start < count; start += PIPELINE) {
    const batch = redis.pipeline();
    for (let n = start; n < Math.min(count, start + PIPELINE); n += 1) {
      const state = n % FAILED === 0 ? 'ERROR' : 'SUCCESS';
      const data = JSON.stringify({ url: `https://example.com/some/page/${n}`, note: 'x'.repeat(60) });
      batch.hset(`task-id-${n}`, { task: 'probe', data, state, created, attempt: 1, output: '"done"', lease: 'w:1' });
    }
    await batch.exec();
  }
}

/** Runs some work, and watches the memory of this process and the replies of Redis meanwhile. */
async function measure(redis, cpuSeconds, name, work) {
  globalThis.gc?.();
  const before = process.memoryUsage();
  let [peakBytes, longestMs, over] = [0, 0, false];
  const watch = (async () => {
    while (!over) {
      const sentMs = performance.now();
      await redis.ping();
      longestMs = Math.max(longestMs, performance.now() - sentMs);
      peakBytes = Math.max(peakBytes, process.memoryUsage().rss - before.rss);
      await pause(LOOK_MS);
    }
  })();
  const cpu = await cpuSeconds(redis);
  const startedMs = performance.now();
  const own = process.cpuUsage();
  const result = await work();
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(own);
  over = true;
  await watch;
  const redisSeconds = (await cpuSeconds(redis)) - cpu;
  console.log(
    `| ${name} | ${result} | ${seconds.toFixed(1)} s | ${redisSeconds.toFixed(1)} s | ${((user + system) / 1e6).toFixed(1)} s | ` +
      `${Math.round(peakBytes / 1e6)} MB | ${longestMs.toFixed(0)} ms |`,
  );
}

async function main(count) {
  prepare();
  const { createApp } = (await import('../build/src/index.js')).default;
  const { startRedis } = await import('./harness/redis-process.mjs');
  const { redisCpuSeconds } = await import('./harness/redis-usage.mjs');
  const server = await startRedis();
  const app = await createApp({ redis: `redis://127.0.0.1:${server.port}`, worker: false, logger: false });
  const { client } = app;
  const list = async (filter) => {
    let found = 0;
    for await (const _ of client.list(filter)) found += 1;
    return found;
  };
  try {
    await fill(server.redis, count);
    console.log(`of ${count} tasks:`);
    console.log('| call | found | time | Redis CPU | own CPU | more memory | longest reply to a PING beside it |');
    console.log('| --- | --- | --- | --- | --- | --- | --- |');
    const run = (name, work) => measure(server.redis, redisCpuSeconds, name, work);
    await run('`list({ state: "STOPPED" })`', () => list({ state: 'STOPPED' }));
    await run('`list({ state: "ERROR" })`', () => list({ state: 'ERROR', olderThan: '1h' }));
    await run('`list()`', () => list());
    await run('`restartMany`, none matches', async () => (await client.restartMany({ state: 'STOPPED' })).matched);
    await run('`removeMany({ state: "ERROR" })`', async () => (await client.removeMany({ state: 'ERROR' })).done);
    await run('`removeMany({ all: true })`', async () => (await client.removeMany({ all: true })).done);
  } finally {
    await app.close();
    await server.stop();
  }
}

await main(Number(process.argv[2] ?? 1_000_000));

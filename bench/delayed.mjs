// Measures what delayed tasks cost an idle worker, and how late they begin: `node bench/delayed.mjs [waiting]`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { prepare } from './harness/prepare.mjs';

const WORKER = join(import.meta.dirname, 'harness', 'delayed-worker.mjs');
/** Seconds. */
const QUIET = 10;
const HOUR_MS = 3_600_000;
const SPREAD = { count: 1_000, overMs: 10_000 };
const TOGETHER = 10_000;
/** From when the last of them is enqueued until they are due. */
const LEAD_MS = 3_000;

async function startWorker(port) {
  const child = spawn(process.execPath, [WORKER, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return child;
}

/** Milliseconds of CPU that a process has used. */
async function cpuMs(pid) {
  const { readFile } = await import('node:fs/promises');
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function idleCost({ redis }, worker, waiting, { redisCpuSeconds, redisCounts }) {
  await pause(1_000);
  await redis.config('RESETSTAT');
  const [redisBefore, workerBefore] = [await redisCpuSeconds(redis), await cpuMs(worker.pid)];
  await pause(QUIET * 1_000);
  const [redisAfter, workerAfter] = [await redisCpuSeconds(redis), await cpuMs(worker.pid)];
  const { commands } = await redisCounts(redis);
  const share = (ms) => `${(ms / QUIET / 10).toFixed(2)} %`;
  console.log(
    `| ${waiting} | ${(commands / QUIET).toFixed(1)} | ${share((redisAfter - redisBefore) * 1_000)} | ${share(workerAfter - workerBefore)} |`,
  );
}

/** How much later than due the runs began, by the clock of Redis, in milliseconds, in order. */
async function lateness(redis, tasks) {
  const late = [];
  for (const { id, runAt } of tasks) {
    let started = null;
    while (started === null) {
      started = await redis.hget(`task-${id}`, 'started');
      if (started === null) await pause(20);
    }
    late.push(Number(started) - runAt);
  }
  return late.sort((a, b) => a - b);
}

function row(name, late) {
  const at = (share) => late[Math.min(late.length - 1, Math.floor(late.length * share))].toFixed(0);
  console.log(`| ${name} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`);
}

async function startAt(client, redis, times) {
  const tasks = times.map(async (runAt) => ({ id: (await client.start('bench-delayed', {}, { runAt })).id, runAt }));
  return lateness(redis, await Promise.all(tasks));
}

async function redisNowMs(redis) {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

async function main(waiting) {
  prepare();
  const { createApp } = (await import('../build/src/index.js')).default;
  const { startRedis } = await import('./harness/redis-process.mjs');
  const usage = await import('./harness/redis-usage.mjs');
  const server = await startRedis();
  const { redis, port } = server;
  const app = await createApp({ redis: `redis://127.0.0.1:${port}`, worker: false, logger: false });
  const { client } = app;
  const worker = await startWorker(port);
  try {
    console.log(`an idle worker, in ${QUIET} s:`);
    console.log('| tasks due in an hour | commands/s | Redis CPU | worker CPU |');
    console.log('| --- | --- | --- | --- |');
    await idleCost(server, worker, 0, usage);
    for (let made = 0; made < waiting; made += 10_000) {
      await client.startMany('bench-delayed', new Array(Math.min(10_000, waiting - made)).fill({}), {
        delay: HOUR_MS,
      });
    }
    await idleCost(server, worker, waiting, usage);
    console.log(`begun so many ms after they were due, beside ${waiting} that are due in an hour:`);
    console.log('| tasks | p50 | p99 | last |');
    console.log('| --- | --- | --- | --- |');
    const firstMs = (await redisNowMs(redis)) + LEAD_MS;
    const step = SPREAD.overMs / SPREAD.count;
    const spread = Array.from({ length: SPREAD.count }, (_, n) => Math.round(firstMs + n * step));
    row(`${SPREAD.count}, one each ${step} ms`, await startAt(client, redis, spread));
    const atMs = (await redisNowMs(redis)) + LEAD_MS;
    row(`${TOGETHER} at the same time`, await startAt(client, redis, new Array(TOGETHER).fill(atMs)));
  } finally {
    worker.kill('SIGKILL');
    await app.close();
    await server.stop();
  }
}

await main(Number(process.argv[2] ?? 100_000));

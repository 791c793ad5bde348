// Measures what endless tasks cost while nothing happens, and how soon others run them when their worker is killed:
// `node bench/endless.mjs [count]`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { prepare } from './harness/prepare.mjs';

const SCRIPT = join(import.meta.dirname, '..', 'build', 'examples', 'pytask-worker.js');
/** Seconds: of the worker, and how long the quiet time is looked at. */
const TIMEOUT = 15;
const INTERVAL = 1;
const QUIET = 20;
/** Beyond timeout and interval. */
const SLACK = 5;
const PIPELINE = 1_000;

async function startWorker(port, number) {
  const env = { ...process.env, REDIS_URL: `redis://127.0.0.1:${port}`, SUPERVISE: '1' };
  Object.assign(env, { TASK_TIMEOUT: String(TIMEOUT), MONITOR_INTERVAL: String(INTERVAL), CONCURRENCY: '20000' });
  const child = spawn(process.execPath, [SCRIPT], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: child.stdout })) if (line === 'ready') break;
  console.log(`worker ${number} is ready`);
  return child;
}

async function enqueue(redis, count) {
  for (let start = 0; start < count; start += PIPELINE) {
    const batch = redis.pipeline();
    for (let n = start; n < Math.min(count, start + PIPELINE); n += 1) {
      batch.hset(`task-${n}`, { task: 'loop', data: '{"interval":86400}' }).lpush('new-task', n);
    }
    await batch.exec();
  }
}

/** Seconds until as many tasks as there are run as the given attempt. */
async function untilAllRun(redis, count, attempt) {
  const startedMs = performance.now();
  for (let next = 0; next < count; ) {
    const ids = Array.from({ length: Math.min(PIPELINE, count - next) }, (_, place) => next + place);
    const read = redis.pipeline();
    for (const id of ids) read.hmget(`task-${id}`, 'state', 'attempt');
    const replies = await read.exec();
    const waiting = replies.findIndex(([, [state, tries]]) => state !== 'RUNNING' || tries !== attempt);
    if (waiting === -1) next += ids.length;
    else await pause(50);
  }
  return (performance.now() - startedMs) / 1_000;
}

async function main(count) {
  prepare();
  const { startRedis } = await import('./harness/redis-process.mjs');
  const { redisCpuSeconds } = await import('./harness/redis-usage.mjs');
  const server = await startRedis();
  const { redis, port } = server;
  const workers = [];
  try {
    workers.push(await startWorker(port, 1));
    await enqueue(redis, count);
    console.log(`${count} endless tasks run after ${(await untilAllRun(redis, count, '1')).toFixed(2)} s`);
    await pause(2_000);
    const cpu = await redisCpuSeconds(redis);
    await redis.config('RESETSTAT');
    await pause(QUIET * 1_000);
    const share = ((await redisCpuSeconds(redis)) - cpu) / QUIET;
    const stats = (await redis.info('commandstats')).split('\r\n').filter((line) => line.startsWith('cmdstat_'));
    const net = await redis.info('stats');
    const bytes = /total_net_input_bytes:(\d+)/.exec(net)?.[1];
    console.log(
      `in ${QUIET} s: Redis CPU ${(share * 100).toFixed(2)} % of a core (goal: under 3 %), ${bytes} bytes received`,
    );
    for (const line of stats)
      console.log(`  ${line.replace(/cmdstat_(\S+):calls=(\d+),usec=(\d+),.*/, '$1: $2 calls, $3 µs')}`);
    workers.push(await startWorker(port, 2));
    workers[0].kill('SIGKILL');
    const recovered = await untilAllRun(redis, count, '2');
    console.log(
      `all run again ${recovered.toFixed(1)} s after their worker was killed (goal: under ${TIMEOUT + INTERVAL + SLACK} s)`,
    );
    process.exitCode = share < 0.03 && recovered < TIMEOUT + INTERVAL + SLACK ? 0 : 1;
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
    await server.stop();
  }
}

await main(Number(process.argv[2] ?? 10_000));

// Measures `taskwarden doctor` on many tasks of all states, and who waits meanwhile: `node bench/doctor.mjs [count]`.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { prepare } from './harness/prepare.mjs';

const CLI = join(import.meta.dirname, '..', 'build', 'src', 'cli', 'main.js');
const PIPELINE = 1_000;
/** How often the process's memory is looked at, and Redis is asked for a sign of life. */
const LOOK_MS = 20;
const HOUR_MS = 3_600_000;
/** One task in so many is damaged in the second run. */
const DAMAGED = 1_000;

const DONE = { state: 'SUCCESS', output: '"done"', lease: 'w:1', worker: 'w' };

/** What a task of each kind writes into the pipeline; the number is its share of 20. */
const KINDS = [
  [8, (to, id, base) => to.hset(`task-${id}`, { ...base, ...DONE }).pexpire(`task-${id}`, HOUR_MS)],
  [4, (to, id, base) => to.hset(`task-${id}`, { ...base, state: 'WAIT' }).lpush('new-task', id)],
  [
    2,
    (to, id, base) =>
      to.hset(`task-${id}`, { ...base, state: 'WAIT' }).zadd('{new-task}:delayed', base.created + 9 * HOUR_MS, id),
  ],
  [
    1,
    (to, id, base) =>
      to.hset(`task-${id}`, { ...base, state: 'WAIT' }).zadd('{new-task}:prioritized', base.created, id),
  ],
  [1, (to, id, base) => to.hset(`task-${id}`, { ...base, state: 'WAIT', queue: 'mail' }).lpush('new-task:mail', id)],
  [1, (to, id, base) => to.hset(`task-${id}`, { ...base, ...DONE }).lpush('end-task', id)],
  [1, (to, id, base) => to.hset(`task-${id}`, { ...base, state: 'STOPPED' }).sadd('tasks', id)],
  [1, (to, id, base) => to.hset(`task-${id}`, { ...base, ...DONE, kept: '1' })],
  [
    1,
    (to, id, base) =>
      to
        .hset(`task-${id}`, { ...base, ...DONE, state: 'RUNNING' })
        .sadd('tasks', id)
        .zadd('{tasks}:leases', base.created + 9 * HOUR_MS, id),
  ],
];
const KIND_OF = KINDS.flatMap(([share, write]) => Array(share).fill(write));

async function fill(redis, count) {
  const created = Date.now() - HOUR_MS;
  await redis.sadd('{new-task}:queues', 'mail');
  for (let start = 0; start < count; start += PIPELINE) {
    const batch = redis.pipeline();
    for (let n = start; n < Math.min(count, start + PIPELINE); n += 1) {
      const data = JSON.stringify({ url: `https://example.com/some/page/${n}` });
      KIND_OF[n % KIND_OF.length](batch, `0Jq8pX2mVn-${String(n).padStart(11, '0')}`, { task: 'probe', data, created });
    }
    await batch.exec();
  }
}

/** Runs the command as a process, and watches its memory and the replies of Redis meanwhile. */
async function measure({ redis, cpuSeconds }, name, args) {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more) => {
    text += more;
  });
  let [peak, cpu, longestMs, over] = ['?', '?', 0, false];
  const redisBefore = await cpuSeconds(redis);
  const watch = (async () => {
    while (!over) {
      const sentMs = performance.now();
      await redis.ping();
      longestMs = Math.max(longestMs, performance.now() - sentMs);
      peak = peakMb(child.pid) ?? peak;
      cpu = cpuOf(child.pid) ?? cpu;
      await pause(LOOK_MS);
    }
  })();
  const code = await new Promise((resolve) => child.once('close', resolve));
  const seconds = (performance.now() - startedMs) / 1_000;
  over = true;
  await watch;
  const { ids, findings, untold = {} } = JSON.parse(text).places;
  const found = findings.length + Object.values(untold).reduce((sum, more) => sum + more, 0);
  const redisCpu = ((await cpuSeconds(redis)) - redisBefore).toFixed(1);
  console.log(
    `| ${name} | ${ids} | ${found} | ${code} | ${seconds.toFixed(1)} s | ${cpu} s | ${redisCpu} s | ${peak} MB | ${longestMs.toFixed(0)} ms |`,
  );
}

/** The largest memory that a process ever had; Linux alone tells it. */
function peakMb(pid) {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1_000);
  } catch {
    return undefined;
  }
}

/** Seconds of CPU that a process has used; Linux alone tells it. */
function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return ((Number(fields[11]) + Number(fields[12])) / 100).toFixed(1);
  } catch {
    return undefined;
  }
}

async function damage(redis, count) {
  const batch = redis.pipeline();
  for (let n = 8; n < count; n += DAMAGED) batch.lrem('new-task', -1, `0Jq8pX2mVn-${String(n).padStart(11, '0')}`);
  await batch.exec();
}

async function main(count) {
  prepare();
  const { startRedis } = await import('./harness/redis-process.mjs');
  const server = await startRedis();
  const { redis } = server;
  const { redisCpuSeconds: cpuSeconds } = await import('./harness/redis-usage.mjs');
  const on = { redis, cpuSeconds };
  const url = `redis://127.0.0.1:${server.port}`;
  try {
    await fill(redis, count);
    console.log('| run | ids | findings | exit code | time | CPU | CPU of Redis | peak memory | slowest PING |');
    console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
    await measure(on, 'doctor', ['doctor', '--json', '--redis', url]);
    await damage(redis, Math.min(count, 1_000_000));
    await measure(on, 'doctor, one in 1,000 lost', ['doctor', '--json', '--redis', url]);
    await measure(on, 'doctor --fix', ['doctor', '--fix', '--json', '--redis', url]);
  } finally {
    await server.stop();
  }
}

await main(Number(process.argv[2] ?? 1_000_000));

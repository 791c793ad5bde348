// Measures what the commands that read take beside very many tasks, each as a process: `node bench/million.mjs [count]`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fillTasks } from './harness/fill-tasks.mjs';
import { prepare } from './harness/prepare.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HOOK = join(ROOT, 'bench/harness/tell-usage.cjs');
const PING_MS = 10;

const COMMANDS = [
  ['--version'],
  ['show', 'id-4711'],
  ['queues'],
  ['workers'],
  ['stats'],
  ['ls'],
  ['ls', '--state', 'EXCEPTION', '--task', 'probe'],
  ['ls', '--state', 'ERROR', '--queue', 'slow', '--younger-than', '1h', '--limit', '1000'],
  // From here on all tasks are looked at.
  ['ls', '--count'],
  ['ls', '--task', 'nobody'],
  ['ls', '--state', 'ERROR,EXCEPTION', '--older-than', '1h', '--count'],
  ['ls', '--state', 'EXCEPTION', '--all', '--json'],
];

/** Asks Redis for a sign of life again and again. */
function ping(redis) {
  let over = false;
  const tookMs = [];
  const done = (async () => {
    while (!over) {
      const sentMs = performance.now();
      await redis.ping();
      tookMs.push(performance.now() - sentMs);
      await pause(PING_MS);
    }
  })();
  return async () => {
    over = true;
    await done;
    tookMs.sort((a, b) => a - b);
    const at = (share) => tookMs[Math.floor(share * (tookMs.length - 1))];
    return { median: at(0.5), longest: at(1) };
  };
}

async function run(url, folder, args) {
  const file = join(folder, 'usage');
  const argv = ['--require', HOOK, join(ROOT, 'build/src/cli/main.js'), ...args, '--redis', url];
  const child = spawn(process.execPath, argv, {
    env: { ...process.env, USAGE_FILE: file },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let lines = 0;
  child.stdout.on('data', (bytes) => {
    for (const byte of bytes) if (byte === 10) lines += 1;
  });
  const [code] = await once(child, 'close');
  return { code, lines, ...JSON.parse(await readFile(file, 'utf8')) };
}

async function measure({ redis, url, folder, redisCpuSeconds }, args) {
  const endPings = ping(redis);
  const cpu = await redisCpuSeconds(redis);
  const startedMs = performance.now();
  const { code, lines, peakBytes, cpuSeconds } = await run(url, folder, args);
  const seconds = (performance.now() - startedMs) / 1_000;
  const redisSeconds = (await redisCpuSeconds(redis)) - cpu;
  const { median, longest } = await endPings();
  console.log(
    `| \`${args.join(' ')}\` | ${code === 0 ? lines : `code ${code}`} | ${seconds.toFixed(1)} s | ${redisSeconds.toFixed(1)} s | ${cpuSeconds.toFixed(1)} s | ` +
      `${Math.round(peakBytes / 1e6)} MB | ${median.toFixed(1)} ms | ${longest.toFixed(0)} ms |`,
  );
}

async function main(count) {
  prepare();
  const { startRedis } = await import('./harness/redis-process.mjs');
  const { redisCpuSeconds } = await import('./harness/redis-usage.mjs');
  const server = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), 'taskwarden-million-'));
  try {
    const { redis } = server;
    const startedMs = performance.now();
    await fillTasks(redis, count);
    console.log(`${count} tasks, written in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s:\n`);
    console.log(
      '| taskwarden … | lines | time | Redis CPU | own CPU | peak memory | PING beside it, median | longest |',
    );
    console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
    const place = { redis, url: `redis://127.0.0.1:${server.port}`, folder, redisCpuSeconds };
    for (const args of COMMANDS) await measure(place, args);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

await main(Number(process.argv[2] ?? 1_000_000));

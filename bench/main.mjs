// Measures taskwarden against its peers and against what Redis and Node can do at most: `npm run bench`.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { prepare } from './harness/prepare.mjs';

/** All else needs what `prepare` installs. */
async function load() {
  const [adapters, options, cases, redis, run, text] = await Promise.all([
    import('./adapters/index.mjs'),
    import('./harness/options.mjs'),
    import('./cases/index.mjs'),
    import('./harness/redis-process.mjs'),
    import('./harness/run-cases.mjs'),
    import('./harness/report.mjs'),
  ]);
  return { ...adapters, ...options, ...cases, ...redis, ...run, ...text };
}

/** `drain-100` is that case alone, although the name of another begins with it. */
function chosen(cases, only) {
  const isCase = (text) => cases.some(({ name }) => name === text);
  const isMeant = (name) => only.some((text) => (isCase(text) ? name === text : name.startsWith(text)));
  return only ? cases.filter(({ name }) => isMeant(name)) : cases;
}

async function main() {
  prepare();
  const { CASES, loadAdapter, obstacle, readOptions, report, runCases, startRedis, SYSTEMS, USAGE, UsageError } =
    await load();
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  const cases = chosen(CASES, options.only);
  if (cases.length === 0) throw new UsageError(`No such case; there are ${CASES.map(({ name }) => name).join(', ')}.`);
  const able = options.systems.filter((system) => obstacle(system) === undefined);
  const left = options.systems.filter(obstacle).map((system) => `${system}, which ${obstacle(system)}`);
  const systems = await Promise.all(able.map(async (name) => ({ name, adapter: await loadAdapter(name) })));

  const startedMs = Date.now();
  const load1 = loadavg()[0];
  const server = await startRedis();
  // Ended by Ctrl-C, the children go with the channel and Redis with its watchdog.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  try {
    const results = await runCases(cases, able, server, options);
    const version = /redis_version:(\S+)/.exec(await server.redis.info('server'))[1];
    const seconds = Math.round((Date.now() - startedMs) / 1_000);
    const facts = [
      `${new Date(startedMs).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${seconds} s: ${options.rounds} round${options.rounds > 1 ? 's' : ''}${options.quick ? ', quick: small sizes, no more than a first impression' : ', interleaved, after one that does not count'}`,
      `Node ${process.versions.node}, Redis ${version} on loopback without persistence, ${cpus().length} x ${cpus()[0].model.trim()}, load average before the start ${load1.toFixed(1)}`,
      'Again: `npm run bench`; `npm run bench -- --help` tells the options',
    ];
    const text = report({ results, systems, left, facts });
    console.log(text);
    const complete = !options.quick && cases.length === CASES.length && options.systems.length === SYSTEMS.length;
    if (complete) writeFileSync(join(import.meta.dirname, 'RESULTS.md'), text);
    if (options.json)
      writeFileSync(options.json, `${JSON.stringify({ facts, options, left, results }, undefined, 2)}\n`);
  } finally {
    await server.stop();
  }
}

try {
  await main();
} catch (error) {
  const isOurs = ['UsageError', 'PrepareError', 'SetupError'].includes(error.constructor.name);
  console.error(isOurs ? error.message : error);
  process.exitCode = 1;
}

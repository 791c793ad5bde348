// Measures taskwarden against its peers and against what Redis and Node can do at most: `npm run bench`.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { buildBefore, commitOf } from './harness/before.mjs';
import { assertWritable, readOptions, USAGE } from './harness/options.mjs';
import { prepare } from './harness/prepare.mjs';

/** All else needs what `prepare` installs. */
async function load() {
  const [adapters, cases, redis, run, text] = await Promise.all([
    import('./adapters/index.mjs'),
    import('./cases/index.mjs'),
    import('./harness/redis-process.mjs'),
    import('./harness/run-cases.mjs'),
    import('./harness/report.mjs'),
  ]);
  return { ...adapters, ...cases, ...redis, ...run, ...text };
}

/** The commit that is measured, and whether something was changed since. */
function revision() {
  const git = (...args) => spawnSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).stdout?.trim() ?? '';
  const changed = git('status', '--porcelain', '--', '..', ':!RESULTS.md') === '' ? '' : ' with uncommitted changes';
  return `taskwarden at commit ${git('rev-parse', '--short', 'HEAD') || 'unknown'}${changed}`;
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  // Found out now, and not after ten minutes.
  if (options.json) assertWritable(options.json);
  const commit = options.before === undefined ? undefined : commitOf(options.before);
  // Ended by Ctrl-C, what was built of an earlier commit goes, the children go with the channel, and Redis with its watchdog.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  prepare();
  const { BEFORE_COMMIT, BEFORE_FOLDER, CASES, loadAdapter, obstacle, report, runCases, startRedis, SYSTEMS } =
    await load();
  const before = commit === undefined ? undefined : await buildBefore(commit);
  if (before) Object.assign(process.env, { [BEFORE_COMMIT]: commit, [BEFORE_FOLDER]: before.folder });
  const { cases } = options;
  const command = ['npm run bench', ...process.argv.slice(2)].join(' ').replace('bench ', 'bench -- ');
  const able = options.systems.filter((system) => obstacle(system) === undefined);
  const left = options.systems.filter(obstacle).map((system) => `${system}, which ${obstacle(system)}`);
  const systems = await Promise.all(able.map(async (name) => ({ name, adapter: await loadAdapter(name) })));

  const startedMs = Date.now();
  const load1 = loadavg()[0];
  const server = await startRedis();
  try {
    const results = await runCases(cases, able, server, options);
    const version = /redis_version:(\S+)/.exec(await server.redis.info('server'))[1];
    const seconds = Math.round((Date.now() - startedMs) / 1_000);
    const facts = [
      `${new Date(startedMs).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${seconds} s: ${options.rounds} round${options.rounds > 1 ? 's' : ''}${options.quick ? ', quick: small sizes, no more than a first impression' : ', interleaved, after one that does not count'}`,
      `Node ${process.versions.node}, Redis ${version} on loopback without persistence, ${cpus().length} x ${cpus()[0].model.trim()}, load average before the start ${load1.toFixed(1)}`,
      `Again: \`${command}\`; \`npm run bench -- --help\` tells the options`,
      revision(),
      ...(before?.note === undefined ? [] : [before.note]),
    ];
    const hasFailed = results.some(({ errors }) => Object.keys(errors).length > 0);
    const isAll = cases.length === CASES.length && SYSTEMS.every((system) => options.systems.includes(system));
    const complete = !hasFailed && !options.quick && isAll;
    const notes = complete ? readFileSync(join(import.meta.dirname, 'NOTES.md'), 'utf8') : '';
    const text = report({ results, systems, left, facts, notes, quick: options.quick });
    console.log(text);
    if (hasFailed) process.exitCode = 1;
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

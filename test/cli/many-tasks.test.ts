import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runScript } from '../support/child-process';
import { GuardedProcess } from '../support/guarded-process';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { runCli } from './run-cli';

/** A fiftieth of what `bench/million.mjs` measures. */
const TASKS = 20_000;
/** What a command may need more than one that reads nothing. Records of all tasks at once would be 40 MB, and their text as much again. */
const MORE_BYTES = 40_000_000;
const HOOK = resolve(__dirname, '../../bench/harness/tell-usage.cjs');

describe(`beside ${TASKS} tasks`, () => {
  const redis = useServer(() => startRedis());
  let folder: string;
  let leastBytes: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taskwarden-many-'));
    const filling = await runScript('test/cli/fill.mjs', { args: [String(redis().port), String(TASKS)] });
    expect(await filling.exited).toMatchObject({ code: 0 });
    leastBytes = (await measured('--version')).peakBytes;
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function measured(...args: readonly string[]) {
    const file = join(folder, 'usage');
    const env = { USAGE_FILE: file, REDIS_URL: redis().url };
    const { code, output, errors } = await runCli(args, { env, nodeArgs: ['--require', HOOK] });
    expect([code, code === 0 ? [] : errors]).toEqual([0, []]);
    const { peakBytes } = JSON.parse(await readFile(file, 'utf8'));
    return { output, peakBytes: peakBytes as number };
  }

  test.each([
    [['ls', '--count'], 1],
    [['ls', '--task', 'nobody'], 1],
    [['ls', '--state', 'ERROR'], 101],
    [['ls', '--all', '--json'], TASKS],
    [['queues'], 5],
    [['workers'], 21],
    [['stats'], 8],
  ])('%j answers in bounded memory', async (args, lines) => {
    const { output, peakBytes } = await measured(...args);
    expect(output).toHaveLength(lines);
    expect(peakBytes - leastBytes).toBeLessThan(MORE_BYTES);
  });

  test('who closes the pipe early has what was read, and that is no fault', async () => {
    const command = `(node build/src/cli/main.js ls --all --json --redis ${redis().url}; echo "code $?" >&2) | head -n 1`;
    const shell = await GuardedProcess.start('sh', ['-c', command]);
    await shell.exited;
    expect(shell.stdoutLines).toHaveLength(1);
    expect(shell.stderrLines).toEqual(['code 0']);
  });

  test('what is counted is what was written', async () => {
    expect((await measured('ls', '--count')).output).toEqual([String(TASKS)]);
    expect((await measured('ls', '--count', '--state', 'ERROR')).output).toEqual([String(TASKS * 0.08)]);
  });
});
